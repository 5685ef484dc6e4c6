package import PostgresClient

/// The codes that functions and scripts of ours raise: class CA, each with one meaning wherever it is raised.
extension SQLState {
    /// Ends a block that only looked; caught where it is raised, and so are its changes undone.
    package static let looked: SQLState = "CA099"
    /// A trigger of the application changed a value that was written. Caught, and logged as `overridden_by_trigger`.
    package static let valueOverridden: SQLState = "CA001"
    /// The session has temporary objects or a cursor through which somebody's code could act for the caller.
    package static let sessionNotClean: SQLState = "CA002"
    /// Undoes what an attempt locked and wrote that is not to last. Caught.
    package static let undone: SQLState = "CA003"
    /// A trigger of the application changed a setting and did not restore it.
    package static let settingChanged: SQLState = "CA004"
    /// A change is not alone in its transaction.
    package static let notAlone: SQLState = "CA005"
    /// The caller has as many events within the hour as the policy allows.
    package static let tooManyEvents: SQLState = "CA006"
    /// Row-level security hides people, so that what was not found may be there.
    package static let peopleHidden: SQLState = "CA007"
    /// Somebody became a member of the owner's role during a migration.
    package static let memberAdded: SQLState = "CA008"
    /// Code of the application wrote something when nothing may be written any more.
    package static let writtenAtTheEnd: SQLState = "CA009"
    /// Row-level security was turned on for our tables during a migration.
    package static let rowSecurityTurnedOn: SQLState = "CA010"
    /// Code of the application made something that belongs to the hand.
    package static let belongsToHand: SQLState = "CA011"
    /// An attempt ended before it had an outcome: code of the application raised an error that is ours.
    package static let noOutcome: SQLState = "CA012"
    /// The log has grown since it was exported.
    package static let logGrown: SQLState = "CA013"
    /// The events behind the log's head do not follow from one another.
    package static let eventsUnlinked: SQLState = "CA014"

    /// All of them, with the messages that they are raised with, which are for the server's log alone.
    package static let own: [(state: SQLState, messages: [String])] = [
        (looked, []),
        (valueOverridden, ["a trigger changed the value"]),
        (sessionNotClean, ["temporary objects", "a cursor that outlives the transaction"]),
        (undone, ["undo", "rehearsed"]),
        (settingChanged, ["a setting was changed"]),
        (notAlone, ["not first in its transaction", "within a subtransaction"]),
        (tooManyEvents, ["too many events"]),
        (peopleHidden, ["row-level security hides people"]),
        (memberAdded, ["somebody became a member"]),
        (writtenAtTheEnd, ["something was written at the end"]),
        (rowSecurityTurnedOn, ["row-level security was turned on"]),
        (belongsToHand, ["something else belongs to the hand"]),
        (noOutcome, ["an attempt without an outcome"]),
        (logGrown, ["the log has grown"]),
        (eventsUnlinked, ["the events do not follow from one another"]),
    ]
}
