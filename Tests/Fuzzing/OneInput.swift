import FuzzTargets
import Glibc

private let reader: FuzzTarget.Reader = {
    let name = getenv("CONVONET_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let reader = FuzzTarget.all[name] else {
        print("CONVONET_FUZZ_TARGET is one of: " + FuzzTarget.all.keys.sorted().joined(separator: " "))
        exit(64)
    }
    return reader
}()

/// Reads one input; ends the process where the answer is not as it must be, which libFuzzer takes for a find. Its own main calls it
/// by this name.
@_cdecl("LLVMFuzzerTestOneInput")
func readOneInput(_ bytes: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    do {
        try reader(Array(UnsafeBufferPointer(start: bytes, count: size)))
        return 0
    } catch {
        fatalError("\(error)")
    }
}
