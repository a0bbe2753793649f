import Posix
import Synchronization

extension Terminal {
  /// A progress line for long work, with the time left; shown only if standard error is a terminal.
  struct Progress {
    private let what: String
    private let start = Monotonic.now
    private var lastShown = Monotonic(nanoseconds: 0)

    /// Creates progress of work called `what`: `verified`.
    init(_ what: String) { self.what = what }

    /// Updates the line, at most ten times a second.
    mutating func show(_ done: Int, of all: Int) {
      guard Terminal.isWatched, Monotonic.now.since(lastShown) > 100_000_000 else { return }
      lastShown = .now
      let seconds = Double(Monotonic.now.since(start)) / 1e9
      let left = done > 0 ? seconds / Double(done) * Double(all - done) : 0
      Terminal.write(2, "\r\u{1B}[K\(what) \(done) of \(all), \(Int(left.rounded(.up))) s left")
    }

    /// Clears the line.
    func end() { if Terminal.isWatched { Terminal.write(2, "\r\u{1B}[K") } }
  }
}

/// Progress that several threads update.
final class SharedProgress: Sendable {
  /// The mutex guards the line.
  private let line: Mutex<Terminal.Progress>

  /// Creates progress of work called `what`.
  init(_ what: String) { line = Mutex(Terminal.Progress(what)) }

  /// Updates the line, at most ten times a second.
  func show(_ done: Int, of all: Int) { line.withLock { $0.show(done, of: all) } }
  /// Clears the line.
  func end() { line.withLock { $0.end() } }
}
