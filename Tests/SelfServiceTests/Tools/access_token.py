"""Makes an access token as the application does, or one that is wrong in one way: access_token.py KEY ACCOUNT WAY."""
import sys
import time

import jwt

key, account, way = sys.argv[1:]
now = int(time.time())
claims = {
    "user_id": account, "email": "x@example.org", "roles": ["user"], "team_id": None,
    "type": "access", "exp": now + 900, "iat": now,
}
algorithm = "HS256"
if way == "expired":
    claims["exp"] = now - 1
elif way == "refresh":
    claims["type"] = "refresh"
elif way == "without exp":
    del claims["exp"]
elif way == "without user":
    del claims["user_id"]
elif way == "another key":
    key = key[::-1]
elif way == "HS512":
    algorithm = "HS512"
elif way == "none":
    algorithm, key = "none", None
print(jwt.encode(claims, key, algorithm=algorithm))
