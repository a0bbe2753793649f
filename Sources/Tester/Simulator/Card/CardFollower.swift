import Glibc
import Posix

/// Reads a card's record while it grows.
public final class CardFollower {
  private let file: FileDescriptor
  private let path: String
  /// The part that was read so far; ``refresh()`` reads more.
  public private(set) var recording = CardRecording()

  /// Opens the record. Creates an empty file if there is none; a card continues it.
  public init(path: String) throws(SystemError) {
    file = try FileDescriptor(opening: path, O_RDONLY | O_CREAT | O_NONBLOCK)
    self.path = path
  }

  /// Reads the blocks that were added since the last call.
  ///
  /// - Returns: whether there were any.
  @discardableResult
  public func refresh() throws -> Bool {
    // From the end of the last complete block: the next program's card may cut off an incomplete one.
    let size = try file.regularFileSize(path: path)
    if size < recording.length { throw CardRecordingError(offset: size, .shrank) }
    let before = recording.length
    guard size > before, let bytes = try file.read(size - before, at: before) else { return false }
    try recording.append(bytes[...])
    return recording.length > before
  }

  /// Reads the blocks that were added since the last call, and removes their samples from the recording.
  public func takeSamples() throws -> [CardRecording.Taken] {
    try refresh() ? recording.takeSamples() : []
  }

  /// Reads until `condition` holds.
  ///
  /// - Returns: `false` if it does not hold by `deadline`.
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

  /// Waits until nothing louder than `threshold` has left for this many milliseconds.
  ///
  /// While a stream runs, time is counted in the card's frames; while none runs, by the clock, because the card records
  /// nothing. A card that has never played counts as silent from `since` on, so wait for the sound first if one is
  /// expected.
  ///
  /// - Returns: `false` if that does not happen by `deadline`.
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
