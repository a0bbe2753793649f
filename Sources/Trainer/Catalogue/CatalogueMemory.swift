import Posix
import Synchronization

/// What was read of a catalogue's own files, for a program that reads projects again and again: these files change
/// seldom, and to parse them takes most of the time. Any thread may use it.
public final class CatalogueMemory: Sendable {
  private struct Known {
    var stamps: [String: ContentStamp]
    var content: Catalogue.Content
  }

  private let known = Mutex<Known?>(nil)

  /// Creates an empty memory.
  public init() {}

  /// Returns the content of a catalogue; reads it only if one of its files changed.
  ///
  /// - Parameters:
  ///   - directories: those that hold the files.
  ///   - log: gets the errors. Files with errors are read again each time.
  ///   - read: reads the content, and adds the errors to the log.
  func content(
    of directories: [Path], _ log: DiagnosticLog, _ read: () -> Catalogue.Content
  ) -> Catalogue.Content {
    let now = WallTime.now
    var stamps: [String: ContentStamp] = [:]
    for directory in directories {
      for path in [directory] + ((try? Files.list(directory)) ?? []).map(directory.appending) {
        stamps[path.string] = ContentStamp(path)
      }
    }
    if let known = known.withLock({ $0 }), known.stamps == stamps { return known.content }
    let before = log.diagnostics.count
    let content = read()
    let isSure = log.diagnostics.count == before && !stamps.values.contains { $0.isFresh(at: now) }
    known.withLock { $0 = isSure ? Known(stamps: stamps, content: content) : nil }
    return content
  }
}
