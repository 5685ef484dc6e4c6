internal import Hummingbird
internal import HummingbirdTLS
internal import JWTKit
internal import Logging
internal import NIOSSL
