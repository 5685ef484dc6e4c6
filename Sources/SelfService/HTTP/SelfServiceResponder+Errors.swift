internal import ConvonetCore
import ConvonetDatabase
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import PostgresClient
import SelfServiceCore

extension SelfServiceResponder {
    /// The one place where an error becomes an answer; what is said outside tells nothing of the inside.
    static func fault(_ error: any Error, _ route: Route, _ logger: Logger) -> Fault {
        switch error {
        case RequestFields.Fault.unsupportedType:
            return Fault(.unsupportedMediaType, "Content-Type must be application/json")
        case RequestFields.Fault.malformed: return Fault(.badRequest, "The body must be a JSON object")
        case RequestFields.Fault.fromAnotherSite:
            return Fault(.forbidden, "This was sent by a page of another site. Open the page here and enter it there.")
        case RequestFields.Fault.notText(let field): return Fault(.badRequest, "\(field) must be text")
        case is NIOTooManyBytesError: return Fault(.contentTooLarge, "The body is too large")
        case let error as TooManyRequests:
            return Fault(.tooManyRequests, "Too many requests. Try again later.", pause: error.pause)
        case is HTTPParserError: return Fault(.badRequest, "The request is not valid HTTP")
        // Whoever asked has gone.
        case is IOError, is ChannelError, is CancellationError:
            return Fault(.badRequest, "The request is incomplete")
        case is BodyTooSlow: return Fault(.requestTimeout, "The body took too long to arrive")
        case let error as HTTPError where error.status == .contentTooLarge:
            return Fault(.contentTooLarge, "The body is too large")
        case is HashingQueue.Overloaded:
            return Fault(.serviceUnavailable, "Too busy at the moment. Try again in a few seconds.", pause: 5)
        case is PolicyUnsettled:
            return Fault(
                .serviceUnavailable, "The rules for passwords are being changed. Try again in a minute.", pause: 60)
        case let error as AdminError:
            logger.error("database", metadata: ["reason": "\(error)"])
            return fault(error, route)
        default:
            // Of what nobody foresaw only the kind is said: the rest could hold anything.
            logger.error("defect", metadata: ["kind": "\(type(of: error))"])
            return internalError
        }
    }

    private static let internalError = Fault(.internalServerError, "Internal server error")

    private static func fault(_ error: AdminError, _ route: Route) -> Fault {
        switch error {
        // No time after which to try again: a program that did so by itself could change a password twice.
        case .outcomeUnknown: Fault(.gatewayTimeout, Uncertain.unknown(route))
        // A server that waits to become the primary, or was it, or was set so.
        case .database(.server(let refusal)) where refusal.sqlState == .readOnlyTransaction:
            Fault(
                .serviceUnavailable,
                "Nothing can be changed at the moment, and nothing was. Try again in a few minutes.", pause: 60)
        case .database(let reason) where isPassing(reason):
            Fault(.serviceUnavailable, "Not available at the moment. Try again in a few seconds.", pause: 5)
        default: internalError
        }
    }

    /// Whether the same request may succeed a little later.
    private static func isPassing(_ reason: PostgresError) -> Bool {
        switch reason {
        // A commit that counts is said to be unknown by `SelfServiceDatabase`: what is left is a counter's.
        case .connectionLost, .cannotConnect, .timedOut, .cancelled, .commitUnanswered: true
        case .server(let refusal): refusal.sqlState.isTransient || refusal.sqlState.isShortage
        default: false
        }
    }
}
