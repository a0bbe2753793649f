import Glibc
import Posix

/// Reads a recording while it grows.
public final class CardFollower {
  private let file: FileDescriptor
  private let path: String
  /// What is known so far; ``refresh()`` brings more.
  public private(set) var recording = CardRecording()

  /// Opens the recording, and makes an empty file where none is yet: a card goes on with it.
  public init(path: String) throws(SystemError) {
    file = try FileDescriptor(opening: path, O_RDONLY | O_CREAT | O_NONBLOCK)
    self.path = path
  }

  /// Reads what has come since. Whether anything has.
  @discardableResult
  public func refresh() throws -> Bool {
    // From the last complete block on: a half one may be taken back by the next program's card.
    let size = try file.regularFileSize(path: path)
    if size < recording.length { throw CardRecordingError(offset: size, .shrank) }
    let before = recording.length
    guard size > before, let bytes = try file.read(size - before, at: before) else { return false }
    try recording.append(bytes[...])
    return recording.length > before
  }

  /// Reads until `condition` holds for what is known; `false` where it does not by `deadline`.
  public func wait(
    until deadline: Monotonic, for condition: (CardRecording) throws -> Bool
  ) throws -> Bool {
    while true {
      try refresh()
      if try condition(recording) { return true }
      let now = Monotonic.now
      if now >= deadline { return false }
      var pause = Poll()
      try pause.wait(until: min(deadline, now.adding(milliseconds: 2)))
    }
  }

  /// Waits until nothing above `threshold` has left for so many milliseconds.
  ///
  /// While a stream runs they are counted in the card's frames; where none runs the clock counts, since the card
  /// writes nothing. A card that has never sounded is silent from `since` on; so wait for the sound first where one
  /// is to come.
  public func waitForSilence(
    milliseconds: Int, above threshold: Int = 0, since: Monotonic, until deadline: Monotonic
  ) throws -> Bool {
    try wait(until: deadline) { recording in
      let quiet = max(since, recording.lastSound(above: threshold) ?? since)
      let known = recording.running?.end ?? Monotonic.now
      return known.since(quiet) >= Int64(milliseconds) * 1_000_000
    }
  }
}
