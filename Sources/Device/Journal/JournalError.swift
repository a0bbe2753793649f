import Posix

/// Why a file could not be read as a journal.
public enum JournalError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file cannot be read.
  case system(SystemError)
  /// A line of the file has a format that a later version writes.
  case laterFormat(path: String, line: Int, format: Int)
  /// No line of the file is one of a journal, nor the beginning of one.
  case noJournal(path: String)

  /// One sentence.
  public var description: String {
    switch self {
    case .system(let error): "\(error)"
    case .laterFormat(let path, let line, let format):
      "\(path):\(line): the line has the journal format \(format), and this program reads the formats 1 to "
        + "\(JournalEntry.currentFormat); use the firstword of the version that wrote it"
    case .noJournal(let path):
      "\(path): this is no journal: none of its lines is one that firstwordd writes; "
        + "name the file that firstwordd's --journal names"
    }
  }
}
