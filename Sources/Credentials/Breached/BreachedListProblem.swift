public import OperatingSystem

/// Why a list of leaked passwords cannot be used; `description` goes on from “The list of leaked passwords FILE ”.
public enum BreachedListProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file cannot be read.
    case unreadable(FileProblem)
    /// It is neither of the two forms.
    case otherForm
    /// Its lines have NTLM hashes, which are another list.
    case otherHash
    /// Its lines do not stand in the order of their hashes.
    case unsorted
    /// It is cut short, or was changed.
    case damaged

    /// What is wrong, and the next step.
    public var description: String {
        switch self {
        case .unreadable(let problem): "cannot be read: \(problem)"
        case .otherForm:
            "is neither a filter of make-breach-filter nor a list of SHA-1 hashes with a line for each (HASH:COUNT)"
        case .otherHash: "has NTLM hashes: download the list of SHA-1 hashes"
        case .unsorted: "is not sorted by hash: sort it (LC_ALL=C sort), or download it in that order"
        case .damaged: "is damaged: get it again"
        }
    }
}
