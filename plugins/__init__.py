"""The architecture families that come with zoo. They use nothing of it that a third party's plugin could not."""
