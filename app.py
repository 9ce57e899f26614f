"""Starts the portal: `python app.py`. Everything else is in the package beside this file."""

if __name__ == "__main__":
    from app import create_app

    create_app().run(host="127.0.0.1", port=8000)
