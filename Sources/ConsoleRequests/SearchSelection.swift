package import ConvonetCore

/// What a list is limited by, words among it.
package protocol SearchSelection: ListSelection {
    var text: String { get set }
    var words: [String] { get }
}

extension AccountSelection: SearchSelection {}
extension AuditSelection: SearchSelection {}
