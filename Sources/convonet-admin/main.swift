import AdminCommands
import Glibc

let status = await AdminCommandLine.run(arguments: Array(CommandLine.arguments.dropFirst()))
exit(status)
