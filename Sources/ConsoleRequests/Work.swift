import ConvonetCore
package import ConvonetDatabase
import PostgresClient

/// Something that is done against a session: plain data that can be compared and knows how to run itself.
package protocol Work: Equatable, Sendable {
    associatedtype Value: Sendable
    /// What is heard of it before it ends.
    associatedtype Progress: Sendable = Never

    /// The lane that it occupies; nil for a change: nothing takes its place, and once it runs nothing cancels it.
    var lane: Lane? { get }
    /// Lanes that are cleared when it begins, beside its own.
    var clears: [Lane] { get }
    /// A lane whose work it lets end first.
    var follows: Lane? { get }

    func run(on session: any ConsoleSession, _ report: @escaping @Sendable (Progress) -> Void) async throws -> Value
}

extension Work {
    package var lane: Lane? { nil }
    package var clears: [Lane] { [] }
    package var follows: Lane? { nil }
}

/// Work that only reads, and of which nothing is heard before it ends.
package protocol Query: Work where Progress == Never {
    func read(from session: any ConsoleSession) async throws -> Value
}

extension Query {
    package func run(on session: any ConsoleSession, _: @escaping @Sendable (Never) -> Void) async throws -> Value {
        try await read(from: session)
    }
}

/// A place for one piece of work at a time: what begins in it takes the place of what was there, which is cancelled, on the
/// server too.
public struct Lane: Hashable, Sendable, ExpressibleByStringLiteral {
    private let name: String

    /// The lane of this name.
    public init(stringLiteral name: String) { self.name = name }

    /// The lanes of lists: one of each kind for each kind of list.
    package init(_ name: String, of list: Any.Type) { self.name = "\(name) of \(list)" }
}

/// Work of any kind.
public struct AnyWork: Equatable, Sendable {
    package let work: any Work
    package var lane: Lane? { work.lane }
    package var follows: Lane? { work.follows }

    package init(_ work: any Work) { self.work = work }

    /// Whether both are the same work on the same things.
    public static func == (one: AnyWork, other: AnyWork) -> Bool { one.work.isEqual(to: other.work) }

    /// The lanes that are cleared when it begins.
    package var cleared: [Lane] { work.clears + [work.lane].compactMap { $0 } }

    /// Runs it, and posts what is heard of it and how it ends.
    package func run(as request: Int, on session: any ConsoleSession, post: @escaping @Sendable (Answer) -> Void) async
    {
        @Sendable func answer(_ content: Answer.Content) {
            post(Answer(request: request, content: content, isOnStandby: session.isOnStandby))
        }
        do {
            answer(.end(.success(try await work.anyValue(on: session) { answer(.progress($0)) })))
        } catch let error as AdminError {
            answer(.end(.failure(error)))
        } catch {
            answer(.end(.failure(.database(.unexpectedResult("\(type(of: error))")))))
        }
    }
}

extension Work {
    fileprivate func isEqual(to other: any Work) -> Bool { other as? Self == self }

    fileprivate func anyValue(
        on session: any ConsoleSession, _ report: @escaping @Sendable (any Sendable) -> Void
    ) async throws -> any Sendable {
        try await run(on: session) { report($0) }
    }
}

/// What came of a request, by its number.
public struct Answer: Sendable {
    package let request: Int
    package let content: Content
    /// Whether the server that answered last was a standby; nil where none did.
    package let isOnStandby: Bool?

    package init(request: Int, content: Content, isOnStandby: Bool? = nil) {
        self.request = request
        self.content = content
        self.isOnStandby = isOnStandby
    }

    package enum Content: Sendable {
        /// How far it has come.
        case progress(any Sendable)
        /// What came of it.
        case end(Result<any Sendable, AdminError>)
    }
}
