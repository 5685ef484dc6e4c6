internal import ConvonetCore
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import PostgresClient

extension SelfServiceResponder {
    /// The one place where an error becomes an answer; what is said outside tells nothing of the inside.
    static func answer(to error: any Error, _ logger: Logger) -> Answer {
        switch error {
        case RequestFields.Fault.unsupportedType:
            return .error(.unsupportedMediaType, "Content-Type must be application/json")
        case RequestFields.Fault.malformed: return .error(.badRequest, "The body must be a JSON object")
        case RequestFields.Fault.notText(let field): return .error(.badRequest, "\(field) must be text")
        case is NIOTooManyBytesError: return .error(.contentTooLarge, "The body is too large")
        case is TooManyUnderWay: return tooMany(asPage: nil).retry(after: 1)
        case is HTTPParserError: return .error(.badRequest, "The request is not valid HTTP")
        // Whoever asked has gone.
        case is IOError, is ChannelError, is CancellationError:
            return .error(.badRequest, "The request is incomplete")
        case is BodyTooSlow: return .error(.requestTimeout, "The body took too long to arrive")
        case let error as HTTPError where error.status == .contentTooLarge:
            return .error(.contentTooLarge, "The body is too large")
        case is HashingQueue.Overloaded:
            return .error(.serviceUnavailable, "Too busy at the moment. Try again in a few seconds.").retry(after: 5)
        case let error as AdminError:
            logger.error("database", metadata: ["reason": "\(error)"])
            return isPassing(error)
                ? .error(.serviceUnavailable, "Not available at the moment. Try again in a few seconds.").retry(
                    after: 5)
                : .error(.internalServerError, "Internal server error")
        default:
            // Of what nobody foresaw only the kind is said: the rest could hold anything.
            logger.error("defect", metadata: ["kind": "\(type(of: error))"])
            return .error(.internalServerError, "Internal server error")
        }
    }

    /// Whether the same request may succeed a little later.
    private static func isPassing(_ error: AdminError) -> Bool {
        guard case .database(let reason) = error else { return false }
        return switch reason {
        case .connectionLost, .cannotConnect, .timedOut, .cancelled: true
        // Read-only is a server that waits to become the primary, or was it.
        case .server(let refusal):
            refusal.sqlState.isTransient || refusal.sqlState.endsConnection || refusal.sqlState == .readOnlyTransaction
        default: false
        }
    }
}
