import Board
import Glibc
import Playback
import Posix

/// Why a clip could not be played to its end.
enum ClipCaptureError: Error, CustomStringConvertible {
  /// libasound opens no PCM of the type `file`.
  case noCard
  /// The player ended the clip before its last frame.
  case cut
  /// The player did not end the clip in time.
  case late

  var description: String {
    switch self {
    case .noCard: "libasound opens no PCM of the type 'file': install libasound2 with its plugins 'file' and 'null'"
    case .cut: "the player ended the clip before its last frame"
    case .late: "the player did not end the clip within 60 s"
    }
  }
}

/// Plays clips with the daemon's player into a file, and returns the frames: a player with a PCM of its own (`file` over `null`).
final class ClipCapture {
  private let player: ClipPlayer
  private let file: FileDescriptor
  /// Bytes of the file before the clip that plays.
  private var length = 0
  private var token: UInt32 = 0

  /// Returns the name of the PCM with this number.
  static func name(_ number: Int) -> String { "proof\(number)" }
  /// Returns the path of the file that this PCM writes.
  static func file(_ number: Int, in directory: String) -> String { "\(directory)/\(number).raw" }

  /// Opens the PCM.
  ///
  /// - Throws: ``ClipCaptureError/noCard`` if libasound cannot open it.
  init(_ number: Int, in directory: String) throws {
    let path = Self.file(number, in: directory)
    try? Files.replace(path, with: [])
    // The PCM accepts frames faster than real time: decode as many as fit into a clip buffer.
    player = try ClipPlayer(Board.Sound(pcm: Self.name(number)), chunksAtOnce: 64)
    guard try Self.wait(for: player, until: { $0.kind == .found ? true : $0.kind == .lost ? false : nil }) else {
      throw ClipCaptureError.noCard
    }
    file = try FileDescriptor(opening: path, O_RDWR)
  }

  /// Plays a clip and returns the frames that left libasound, with some silence after the clip.
  func play(_ bytes: [UInt8], frames: Int) throws -> [Int16] {
    token += 1
    let mine = token
    guard player.play(try PreparedClip(bytes), token: mine) else { throw ClipCaptureError.late }
    let isWhole = try Self.wait(for: player) { event in
      if event.kind == .lost { return false }
      guard event.token == mine else { return nil }
      switch event.kind {
      case .completed: return true
      case .stopped, .failed: return false
      default: return nil
      }
    }
    guard isWhole else { throw ClipCaptureError.cut }
    // The last frames arrive when the player stops the PCM, just after it reports the end.
    let deadline = Monotonic.now.adding(milliseconds: 5000)
    var end = try file.regularFileSize(path: "")
    while end < length + 2 * frames, Monotonic.now < deadline {
      var pause = Poll()
      try pause.wait(until: Monotonic.now.adding(milliseconds: 1))
      end = try file.regularFileSize(path: "")
    }
    let all = try file.read(end - length, at: length) ?? []
    // Free the disk space. libasound continues at its offset, so the file becomes sparse.
    length = end
    let raw = file.raw
    try posix("ftruncate") { ftruncate(raw, 0) }
    return all.withUnsafeBytes { bytes in
      (0..<bytes.count / 2).map { Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self)) }
    }
  }

  /// Waits up to 60 s until `verdict` returns a value for an event of the player.
  private static func wait(for player: ClipPlayer, until verdict: (PlaybackEvent) -> Bool?) throws -> Bool {
    let deadline = Monotonic.now.adding(milliseconds: 60_000)
    while Monotonic.now < deadline {
      var poll = Poll()
      _ = poll.add(player.eventDescriptor, events: POLLIN)
      try poll.wait(until: deadline)
      for event in player.takeEvents() { if let answer = verdict(event) { return answer } }
    }
    throw ClipCaptureError.late
  }
}
