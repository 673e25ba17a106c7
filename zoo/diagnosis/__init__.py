"""Plugins tried out, each in a process of its own, so that whatever one does is a finding and disturbs nobody."""
