import Glibc
import Posix
import Project

/// The projects that the studio shows: one, or those in the directories below another.
struct Shelf: Sendable {
  /// The directory that holds the projects' directories.
  let directory: String
  /// The directory of the only project; nil if all of the shelf are shown, and new ones can be made.
  let project: String?

  /// The project's directory for an id: its directory's name; nil if there is no such project.
  func project(_ id: String) -> String? { projects.first { $0.id == id }?.directory }

  /// All projects by name.
  var projects: [(id: String, directory: String)] {
    if let project { return [(Self.id(project), project)] }
    let names = (try? Files.list(directory)) ?? []
    return names.filter { !$0.hasPrefix(".") }.compactMap { name in
      let path = Path(directory).appending(name)
      return Files.exists(path.appending(ProjectFile.name)) ? (name, path.string) : nil
    }
  }

  /// Returns the path of a new project; nil if the name is no name of one directory.
  func path(ofNew name: String) -> String? {
    Self.isName(name) ? Path(directory).appending(name).string : nil
  }

  /// Returns whether a text can name a directory or a key: letters, digits, hyphens, dots and spaces, 60 bytes at most.
  static func isName(_ name: String) -> Bool {
    let isName =
      (1...60).contains(name.utf8.count) && name.first != "." && name.first != "-"
      && name.unicodeScalars.allSatisfy {
        let marks: [Unicode.GeneralCategory] = [.nonspacingMark, .spacingMark]
        return $0.properties.isAlphabetic || $0.properties.numericType != nil
          || marks.contains($0.properties.generalCategory) || "-_ .".unicodeScalars.contains($0)
      }
    return isName && name.last != " "
  }

  /// The directory in which channels lie: the one that holds the projects' directories.
  var channels: String {
    guard let project else { return directory }
    guard let full = realpath(project, nil) else { return Path(project).parent.string }
    defer { free(full) }
    return Path(String(cString: full)).parent.string
  }

  /// The name of the directory itself, whatever path leads to it. realpath(3)
  private static func id(_ directory: String) -> String {
    guard let full = realpath(directory, nil) else { return Path(directory).lastComponent }
    defer { free(full) }
    return Path(String(cString: full)).lastComponent
  }
}
