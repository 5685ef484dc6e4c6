import AdminCommands
import Glibc

exit(AdminCommandLine.run(arguments: Array(CommandLine.arguments.dropFirst())))
