// Gives whatever libFuzzer thinks up to one of the readers of FuzzTargets. script/test-fuzz builds and runs it:
// Fuzzing [OPTIONS of libFuzzer] [CORPUS], with the reader's name in CONVONET_FUZZ_TARGET.

import Glibc

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv
exit(runDriver(&count, &arguments) { readOneInput($0, $1) })
