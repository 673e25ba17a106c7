"""Pictures of models: what is drawn, a specification of it in Vega-Lite, and what becomes of that."""
