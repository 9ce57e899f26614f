"""Our framework over Flask-AppBuilder: technical, knows no feature."""
