import Encoding
import Glibc
import Kit
import KitBuilder
import Opus
import Playback
import Posix
import Synchronization

/// Checks every clip of a kit: plays it with the daemon's player through libasound and compares the frames that leave
/// with opusfile's decode of the bytes whose SHA-256 the manifest names.
///
/// The PCMs (`file` over `null`) accept frames as fast as they come, so the check verifies samples, never times.
public struct ClipCheck: Sendable {
  /// Maximum difference from the manifest's loudness in LU; decoders of different processors round differently.
  public static let levelTolerance = 0.3
  /// Maximum dB by which the true peak may exceed the manifest's.
  public static let peakTolerance = 0.3
  /// Maximum difference from the manifest's onset in milliseconds: the builder measured it in the recording with its
  /// room noise, and only the clip is available here.
  public static let onsetTolerance = 60.0

  private let kit: KitFile
  /// Number of players at a time: enough that some decode while others wait for their clip's end.
  private static let players = 16

  /// Creates a check of all clips of a kit.
  public init(_ kit: KitFile) { self.kit = kit }

  /// Checks all clips, on several threads.
  ///
  /// - Parameter progress: called after each clip with the number done and the total, from one thread at a time.
  /// - Returns: one result for each clip, in the kit's order.
  public func run(progress: @escaping @Sendable (_ done: Int, _ all: Int) -> Void) throws -> [ClipResult] {
    let clips = kit.bundles.flatMap { bundle in bundle.clips.map { (bundle.tag, $0) } }
    let directory = try TemporaryDirectory()
    let count = min(Self.players, clips.count)
    try Self.configure(count, in: directory.path)
    defer { unsetenv(CardConfiguration.environmentName) }
    let (kit, path, done) = (kit, directory.path, Counter())
    let parts = Workers.map(count, threads: count) { number -> [(Int, ClipResult)] in
      let mine = stride(from: number, to: clips.count, by: count)
      var player: ClipCapture?
      return mine.map { index in
        let (tag, clip) = clips[index]
        // A player that failed is replaced.
        if player == nil { player = try? ClipCapture(number, in: path) }
        let result = Self.check(clip, of: tag, in: kit, with: &player)
        done.add { progress($0, clips.count) }
        return (index, result)
      }
    }
    return parts.flatMap { $0 }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    func add(_ report: (Int) -> Void) {
      count.withLock {
        $0 += 1
        report($0)
      }
    }
  }

  /// libasound reads its configuration once, at the first PCM that a program opens.
  private static func configure(_ count: Int, in directory: String) throws {
    let text = (0..<count).map { number -> String in
      let file = ClipCapture.file(number, in: directory)
      return "pcm.\(ClipCapture.name(number)) { type file slave.pcm null file \"\(file)\" format raw }\n"
    }
    let path = directory + "/proof.conf"
    try Files.replace(path, with: Array(text.joined().utf8))
    setenv(CardConfiguration.environmentName, "/usr/share/alsa/alsa.conf:\(path)", 1)
  }

  private static func check(_ clip: Clip, of tag: String, in kit: KitFile, with player: inout ClipCapture?)
    -> ClipResult
  {
    var result = ClipResult(
      language: tag, prompt: clip.prompt, voice: clip.voice, seconds: Double(clip.frames) / 48_000, faults: [])
    let frames: [Int16]
    let bytes: [UInt8]
    do {
      bytes = try kit.bytes(of: clip)
      frames = try ClipDecoder.decode(bytes)
    } catch {
      result.faults = ["\(error)"]
      return result
    }
    if frames.count != clip.frames {
      result.faults.append("decodes to \(frames.count) frames, the manifest says \(clip.frames)")
    }
    do {
      guard let open = player else { throw ClipCaptureError.noCard }
      let heard = try open.play(bytes, frames: frames.count)
      if let fault = difference(heard, frames) { result.faults.append(fault) }
    } catch {
      player = nil
      result.faults.append("\(error)")
    }
    measure(frames, clip, &result)
    return result
  }

  /// Returns how the frames that left libasound differ from the clip's frames followed by silence; `nil` if they do
  /// not.
  static func difference(_ heard: [Int16], _ frames: [Int16]) -> String? {
    if let index = zip(heard, frames).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset {
      return "the frames that left libasound differ from opusfile's decode from frame \(index) on (\(index / 48) ms)"
    }
    if heard.count < frames.count { return "only \(heard.count) of \(frames.count) frames left libasound" }
    return heard[frames.count...].contains { $0 != 0 } ? "more sound left libasound after its end" : nil
  }

  private static func measure(_ frames: [Int16], _ clip: Clip, _ result: inout ClipResult) {
    let samples = frames.map { Float($0) / 32_768 }
    guard let loudness = try? Loudness.measure(samples, rate: 48_000), loudness.level.isFinite else {
      result.faults.append("the clip is silent: record it again")
      return
    }
    (result.loudness, result.peak) = (loudness.level.roundedToTenths, loudness.peak.roundedToTenths)
    if abs(loudness.level - clip.loudness) > levelTolerance {
      result.faults.append("its level is \(loudness.level.tenths) LUFS, the manifest says \(clip.loudness.tenths)")
    }
    if loudness.peak > clip.peak + peakTolerance {
      result.faults.append("its peak is \(loudness.peak.tenths) dBTP, the manifest says \(clip.peak.tenths)")
    }
    guard let voice = SpeechSegment.find(in: samples, rate: 48_000) else { return }
    let (onset, stated) = (Double(voice.range.lowerBound) / 48, Double(clip.onset) / 48)
    result.onset = onset.roundedToTenths
    if abs(onset - stated) > onsetTolerance {
      result.faults.append("the voice begins after \(onset.tenths) ms, the manifest says \(stated.tenths) ms")
    }
  }
}
