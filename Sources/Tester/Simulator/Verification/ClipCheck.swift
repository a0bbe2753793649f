import Glibc
import Kit
import KitBuilder
import Opus
import Playback
import Posix
import Synchronization

/// What became of one clip on its way through the player and libasound.
public struct ClipResult: Codable, Sendable {
  public var language: String
  public var prompt: String
  public var voice: String
  /// Of the decoded clip.
  public var seconds: Double
  /// LUFS and dBTP, as measured here.
  public var loudness: Double?
  public var peak: Double?
  /// Milliseconds before the voice, as measured here; absent where nobody speaks.
  public var onset: Double?
  /// A line each; empty for a sound clip.
  public var faults: [String]
}

/// Plays every clip of a kit with the player of the daemon, through libasound, to PCMs that take frames as fast as they
/// come (`file` over `null`): such a PCM proves what was played, never when. What left libasound must be, frame for
/// frame, what opusfile decodes on this machine of the very bytes that the manifest's SHA-256 names.
public struct ClipCheck: Sendable {
  /// LU by which a level may differ from the manifest's; the decoders of two processors round differently.
  public static let levelTolerance = 0.3
  /// dB by which a true peak may be above it.
  public static let peakTolerance = 0.3
  /// Milliseconds by which the voice may begin at another place than the manifest says: the builder has measured the
  /// room in the recording, and here is only the clip.
  public static let onsetTolerance = 60.0

  private let kit: KitFile
  /// Players at a time: enough that while some sleep between two looks at their clip, others decode.
  private static let desks = 16

  public init(_ kit: KitFile) { self.kit = kit }

  /// - Parameter progress: gets the number of clips done and of all; never from two threads at once.
  public func run(progress: @escaping @Sendable (_ done: Int, _ all: Int) -> Void) throws -> [ClipResult] {
    let clips = kit.bundles.flatMap { bundle in bundle.clips.map { (bundle.tag, $0) } }
    let directory = try TemporaryDirectory()
    let count = min(Self.desks, clips.count)
    try Self.configure(count, in: directory.path)
    defer { unsetenv(CardConfiguration.environmentName) }
    let (kit, path, done) = (kit, directory.path, Counter())
    let parts = Workers.map(count, threads: count) { number -> [(Int, ClipResult)] in
      let mine = stride(from: number, to: clips.count, by: count)
      var desk: Desk?
      return mine.map { index in
        let (tag, clip) = clips[index]
        // One that has lost its player gets another.
        if desk == nil { desk = try? Desk(number, in: path) }
        let proof = Self.prove(clip, of: tag, in: kit, at: &desk)
        done.add { progress($0, clips.count) }
        return (index, proof)
      }
    }
    return parts.flatMap { $0 }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    func add(_ tell: (Int) -> Void) {
      count.withLock {
        $0 += 1
        tell($0)
      }
    }
  }

  /// libasound reads its configuration once, at the first PCM that a program opens.
  private static func configure(_ count: Int, in directory: String) throws {
    let text = (0..<count).map { number in
      "pcm.\(Desk.name(number)) { type file slave.pcm null file \"\(Desk.file(number, in: directory))\" format raw }\n"
    }
    let path = directory + "/proof.conf"
    try Files.replace(path, with: Array(text.joined().utf8))
    setenv(CardConfiguration.environmentName, "/usr/share/alsa/alsa.conf:\(path)", 1)
  }

  private static func prove(_ clip: Clip, of tag: String, in kit: KitFile, at desk: inout Desk?) -> ClipResult {
    var proof = ClipResult(
      language: tag, prompt: clip.prompt, voice: clip.voice, seconds: Double(clip.frames) / 48_000, faults: [])
    let frames: [Int16]
    let bytes: [UInt8]
    do {
      bytes = try kit.bytes(of: clip)
      frames = try ClipDecoder.decode(bytes)
    } catch {
      proof.faults = ["\(error)"]
      return proof
    }
    if frames.count != clip.frames {
      proof.faults.append("decodes to \(frames.count) frames, the manifest says \(clip.frames)")
    }
    do {
      guard let player = desk else { throw DeskError.noCard }
      let heard = try player.play(bytes, frames: frames.count)
      if let fault = difference(heard, frames) { proof.faults.append(fault) }
    } catch {
      desk = nil
      proof.faults.append("\(error)")
    }
    measure(frames, clip, &proof)
    return proof
  }

  /// What is wrong with what left libasound: the frames, then silence. `nil` where nothing is.
  static func difference(_ heard: [Int16], _ frames: [Int16]) -> String? {
    if let index = zip(heard, frames).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset {
      return "what left libasound differs from opusfile's decode from frame \(index) on (\(index / 48) ms)"
    }
    if heard.count < frames.count { return "only \(heard.count) of \(frames.count) frames left libasound" }
    return heard[frames.count...].contains { $0 != 0 } ? "more sound left libasound behind its end" : nil
  }

  private static func measure(_ frames: [Int16], _ clip: Clip, _ proof: inout ClipResult) {
    let samples = frames.map { Float($0) / 32_768 }
    guard let loudness = try? Loudness.measure(samples, rate: 48_000), loudness.level.isFinite else {
      proof.faults.append("it is silence: record it again")
      return
    }
    (proof.loudness, proof.peak) = (tenths(loudness.level), tenths(loudness.peak))
    if abs(loudness.level - clip.loudness) > levelTolerance {
      proof.faults.append("its level is \(tenths(loudness.level)) LUFS, the manifest says \(tenths(clip.loudness))")
    }
    if loudness.peak > clip.peak + peakTolerance {
      proof.faults.append("its peak is \(tenths(loudness.peak)) dBTP, the manifest says \(tenths(clip.peak))")
    }
    guard let voice = Voice.find(in: samples, rate: 48_000) else { return }
    let (onset, said) = (Double(voice.range.lowerBound) / 48, Double(clip.onset) / 48)
    proof.onset = tenths(onset)
    if abs(onset - said) > onsetTolerance {
      proof.faults.append("the voice begins after \(tenths(onset)) ms, the manifest says \(tenths(said)) ms")
    }
  }

  private static func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

private enum DeskError: Error, CustomStringConvertible {
  case noCard
  case cut
  case late

  var description: String {
    switch self {
    case .noCard: "libasound opens no PCM of the type 'file': install libasound2 with its plugins file and null"
    case .cut: "the player ended it before its last frame"
    case .late: "the player did not end it within 60 s"
    }
  }
}

/// A player with a PCM of its own, whose frames come back in a file.
private final class Desk {
  private let player: Player
  private let file: FileDescriptor
  /// Bytes that were there before the clip.
  private var length = 0
  private var token: UInt32 = 0

  static func name(_ number: Int) -> String { "proof\(number)" }
  static func file(_ number: Int, in directory: String) -> String { "\(directory)/\(number).raw" }

  init(_ number: Int, in directory: String) throws {
    let path = Self.file(number, in: directory)
    try? Files.replace(path, with: [])
    var configuration = SoundConfiguration(pcm: Self.name(number))
    // No press waits for it: all that a voice holds.
    configuration.chunksAtOnce = 64
    player = try Player(configuration)
    guard try Self.wait(for: player, until: { $0.kind == .found ? true : $0.kind == .lost ? false : nil }) else {
      throw DeskError.noCard
    }
    file = try FileDescriptor(opening: path, O_RDWR)
  }

  /// What left libasound, with the silence behind it as far as it has left.
  func play(_ bytes: [UInt8], frames: Int) throws -> [Int16] {
    token += 1
    let mine = token
    guard player.play(try PreparedClip(bytes), token: mine) else { throw DeskError.late }
    let isWhole = try Self.wait(for: player) { event in
      if event.kind == .lost { return false }
      guard event.token == mine else { return nil }
      switch event.kind {
      case .completed: return true
      case .stopped, .failed: return false
      default: return nil
      }
    }
    guard isWhole else { throw DeskError.cut }
    // The last frames come when the player halts the PCM: that it does just after it has told the end.
    let deadline = Monotonic.now.adding(milliseconds: 5000)
    var end = try file.regularFileSize(path: "")
    while end < length + 2 * frames, Monotonic.now < deadline {
      var pause = Poll()
      try pause.wait(until: Monotonic.now.adding(milliseconds: 1))
      end = try file.regularFileSize(path: "")
    }
    let all = try file.read(end - length, at: length) ?? []
    // Read, and given back to the disk: libasound goes on where it was, behind a hole.
    length = end
    let raw = file.raw
    try posix("ftruncate") { ftruncate(raw, 0) }
    return all.withUnsafeBytes { bytes in
      (0..<bytes.count / 2).map { Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self)) }
    }
  }

  private static func wait(for player: Player, until verdict: (PlaybackEvent) -> Bool?) throws -> Bool {
    let deadline = Monotonic.now.adding(milliseconds: 60_000)
    while Monotonic.now < deadline {
      var poll = Poll()
      _ = poll.add(player.eventDescriptor, events: POLLIN)
      try poll.wait(until: deadline)
      for event in player.takeEvents() { if let answer = verdict(event) { return answer } }
    }
    throw DeskError.late
  }
}
