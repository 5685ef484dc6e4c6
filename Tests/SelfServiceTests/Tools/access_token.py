"""Makes an access token as the application does, or one that is wrong in one way: access_token.py KEY ACCOUNT WAY."""
import base64
import hmac
import json
import sys
import time

import jwt

key, account, way = sys.argv[1:]
now = int(time.time())
claims = {
    "user_id": account, "email": "x@example.org", "roles": ["user"], "team_id": None,
    "type": "access", "exp": now + 900, "iat": now,
}
algorithm, headers = "HS256", {}
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
elif way == "not yet":
    claims["nbf"] = now + 600
elif way == "from the future":
    claims["iat"] = now + 600
elif way == "ahead":
    claims["iat"] = claims["nbf"] = now + 5
elif way == "without iat":
    del claims["iat"]
elif way == "from before":
    claims["iat"] = now - 60
elif way == "iat far back":
    claims["iat"] = -1e300
elif way == "iat as text":
    claims["iat"] = "yesterday"
elif way == "critical":
    headers = {"crit": ["b64"], "b64": True}
if way in ("says none", "says HS512", "without alg"):
    # Signed by the right key as HS256, whatever the header says.
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    header = {"typ": "JWT"} if way == "without alg" else {"typ": "JWT", "alg": way.split()[1]}
    text = part(json.dumps(header).encode()) + b"." + part(json.dumps(claims).encode())
    print((text + b"." + part(hmac.digest(key.encode(), text, "sha256"))).decode())
else:
    print(jwt.encode(claims, key, algorithm=algorithm, headers=headers))
