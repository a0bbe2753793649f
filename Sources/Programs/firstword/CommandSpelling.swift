import ArgumentParser
import Catalogue

/// Finds a mistyped command, for which the parser itself only reports an unexpected argument.
enum CommandSpelling {
  /// Returns the error message for a command line that names a command which does not exist; nil for any other.
  ///
  /// - Parameter arguments: the arguments, without the program's name.
  static func fault(in arguments: [String], of root: any ParsableCommand.Type = Firstword.self) -> String? {
    var (command, path) = (root, "firstword")
    var rest = arguments[...]
    if rest.first == "help" { rest = rest.dropFirst() }
    while let word = rest.popFirst() {
      let choices = command.configuration.allSubcommands
      if choices.isEmpty || command.configuration.defaultSubcommand != nil || word.hasPrefix("-") { return nil }
      guard let next = choices.first(where: { name(of: $0) == word || $0.configuration.aliases.contains(word) }) else {
        let hint = Spelling.hint(word, choices.map(name))
        return "there is no command '\(path == "firstword" ? "" : path.dropFirst(10) + " ")\(word)'\(hint); "
          + "'\(path) --help' lists the commands"
      }
      (command, path) = (next, "\(path) \(word)")
    }
    return nil
  }

  private static func name(of command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? String(describing: command).lowercased()
  }
}

extension CommandConfiguration {
  /// The subcommands of all groups.
  fileprivate var allSubcommands: [any ParsableCommand.Type] {
    ungroupedSubcommands + groupedSubcommands.flatMap(\.subcommands)
  }
}
