"""The way of the application's guide to reset a password: bcrypt, SQLAlchemy and psycopg2 in a script."""

import os
import sys

import bcrypt
from sqlalchemy import create_engine, text

engine = create_engine(os.environ["DATABASE_URL"])
password = sys.stdin.readline().rstrip("\n")
hashed = bcrypt.hashpw(password.encode("utf-8"), bcrypt.gensalt()).decode("utf-8")
with engine.begin() as connection:
    found = connection.execute(text("SELECT id FROM users_convonet WHERE email = :email"), {"email": sys.argv[1]}).first()
    if found is None:
        sys.exit("nobody has this e-mail address")
    connection.execute(
        text("UPDATE users_convonet SET password_hash = :hash, updated_at = now() WHERE id = :id"),
        {"hash": hashed, "id": found.id})
print("done")
