internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// Connections of which one address can have only so many: the others are closed at once.
///
/// A proxy that is trusted has connections for everybody, so that its are bounded by the total alone; what it asks for one
/// client is bounded by the responder.
struct BoundedChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let bound: AddressBound
    let trusted: [AddressRange]
    let remarks: OccasionalRemarks

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        base.setup(channel: channel, logger: logger)
    }

    func handle(value: Base.Value, logger: Logger) async {
        guard let peer = value.channel.remoteAddress?.ipAddress, let address = IPAddress(peer),
            !trusted.contains(where: { $0.contains(address) })
        else { return await base.handle(value: value, logger: logger) }
        guard bound.enter(address.text) else {
            if remarks.isTime(for: address.text) {
                logger.warning(
                    "connections",
                    metadata: [
                        "client": "\(address.text)",
                        "reason": "limit of connections for one address reached: more are closed at once",
                    ])
            }
            value.channel.close(promise: nil)
            // It ends at once, and gives back what it holds.
            return await base.handle(value: value, logger: logger)
        }
        await base.handle(value: value, logger: logger)
        bound.leave(address.text)
    }
}
