// Measures what is hot, without the program around it. script/benchmark runs it on a database of its own:
//   MicroBenchmarks parts      pieces of a screen, a page, a check, the log
//   MicroBenchmarks searches   each search beside the best hand-written SQL for it
//   MicroBenchmarks alike      who is alike, beside the search that found nobody
//   MicroBenchmarks bcrypt     one hash at cost 12
// The database is $CONVONET_DB_URI. One JSON object a line.
import Glibc

switch CommandLine.arguments.dropFirst().first {
case "parts": try await Parts.run()
case "searches": try await Searches.run(Array(CommandLine.arguments.dropFirst(2)))
case "alike": try await Searches.alike(Array(CommandLine.arguments.dropFirst(2)))
case "bcrypt": try Parts.bcrypt()
default:
    print("usage: MicroBenchmarks parts | searches WORDS... | alike WORDS... | bcrypt")
    exit(64)
}
