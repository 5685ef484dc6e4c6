/// What one check of `doctor` found.
public struct Finding: Equatable, Sendable {
    /// How much it matters.
    public enum Grade: String, Equatable, Sendable {
        /// As it should be.
        case ok
        /// It works, with a risk that somebody should know of.
        case warning
        /// Something does not work, or a guard is down.
        case problem
    }

    /// The check's name, in lower case with hyphens.
    public var check: String
    /// How much it matters.
    public var grade: Grade
    /// What was found, in a sentence or two.
    public var message: String
    /// How to mend it; nil where there is nothing to mend.
    public var mend: String?

    /// All is well.
    public init(_ check: String, _ message: String) {
        self.init(check, .ok, message, mend: nil)
    }

    /// A finding, and how to mend it.
    public init(_ check: String, _ grade: Grade, _ message: String, mend: String?) {
        self.check = check
        self.grade = grade
        self.message = message
        self.mend = mend
    }
}
