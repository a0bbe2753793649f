import Board
import Encoding
import Foundation
import Kit
import KitBuilder
import Opus
import Posix
import Simulator
import TestSupport

/// A directory with keys and a kit of sounds that no two clips share.
final class Sandbox {
  let directory: String
  var kit: String { directory + "/sounds.kit" }
  var publicKey: String { directory + "/key.pub" }

  static let languages = ["ro", "bg", "vi"]
  static let prompts = ["language-name", "safe-here", "need-doctor", "wrong-language"]

  init() throws {
    directory = FileManager.default.temporaryDirectory.path + "/firstword-tests-\(UUID().uuidString.prefix(8))"
    try Files.makeDirectory(directory)
    _ = try SecretKey.generate(name: directory + "/key", passphrase: nil)
    try Self.writeKit(to: kit, key: directory + "/key.key", draft: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// A kit whose clips are murmurs, each its own, 0.8 to 1.7 s long.
  ///
  /// - Parameters:
  ///   - lengths: the seconds of clips that are longer, by language and prompt: `ro language-name`.
  ///   - change: of what the manifests say of each clip.
  static func writeKit(
    to path: String, key: String, draft: Bool, version: String = "1.0", lengths: [String: Double] = [:],
    _ change: (_ tag: String, inout Clip) -> Void = { _, _ in },
    content: (_ tag: String, _ prompt: String, _ bytes: [UInt8]) -> [UInt8] = { $2 }
  ) throws {
    var bundles: [PackedBundle] = []
    for (number, tag) in languages.enumerated() {
      var clips: [PackedClip] = []
      for (index, prompt) in prompts.enumerated() {
        let seconds = lengths["\(tag) \(prompt)"] ?? 0.8 + 0.3 * Double(index)
        let samples = murmur(seed: UInt64(number * 10 + index + 1), seconds: seconds)
        let tags = ClipTags(
          title: prompt, language: tag, voice: "f1", prompt: prompt, status: "DRAFT", synthetic: false)
        let bytes = try OpusEncoder.encode(
          samples, rate: 48_000, tags: tags, serial: Int32(number * 10 + index), settings: EncoderSettings())
        let file = "languages/\(tag)/f1/0\(index + 1)-\(prompt).opus"
        let decoded = try ClipDecoder.decode(bytes).map { Float($0) / 32_768 }
        let measured = try Loudness.measure(decoded, rate: 48_000)
        let content = content(tag, prompt, bytes)
        var clip = Clip(
          prompt: prompt, number: index + 1, voice: "f1", file: file, sha256: Digest.sha256(content),
          bytes: content.count,
          frames: samples.count, loudness: measured.level, peak: measured.peak,
          onset: SpeechSegment.find(in: decoded, rate: 48_000)?.range.lowerBound ?? 0,
          status: draft ? .draft : .approved,
          synthetic: false, text: "\(tag) \(prompt)", back: "", wording: Digest.sha256("\(tag) \(prompt)"))
        change(tag, &clip)
        clips.append(PackedClip(clip, content: content))
      }
      let manifest = BundleManifest(
        tag: tag, number: [29, 6, 39][number], english: tag, autonym: tag, script: "Latn", direction: .ltr,
        regions: ["RO"], fallback: [], clips: [])
      bundles.append(PackedBundle(manifest, clips: clips))
    }
    let manifest = KitManifest(
      name: "sounds", version: version, draft: draft, source: "en",
      prompts: prompts.enumerated().map { index, id in
        KitPrompt(
          number: index + 1, id: id, module: "opening", audience: .all,
          // A question that no formula follows: the kit has none.
          answer: id == "need-doctor" ? .fingers : .none, jurisdiction: false, title: id,
          caution: "", text: id)
      }, bundles: [])
    let secret = try SecretKey(reading: key) { _ in nil }
    try Pack.write(manifest, bundles: bundles, signedBy: secret, to: path)
  }

  /// A board with a line for each control and each prompt; the last one is looked at on a timer.
  static func board(use: Board.Use = .trial) -> Board {
    let names = ["stop", "repeat", "next-language", "previous-language"] + prompts
    return Board(
      name: "sandbox", use: use,
      sound: .init(pcm: "default", channels: 1, period: 480, buffer: 9600, rewind: true, gain: 0),
      lines: .init(
        lockout: 30, poll: 10,
        buttons: names.enumerated().map { index, name in
          .init(
            chip: "pinctrl-bcm2711", line: index + 4, active: .low, timed: name == "wrong-language",
            button: Button(name))
        }))
  }

  func bench(_ change: (inout Bench.Setup) throws -> Void = { _ in }) throws -> Bench {
    var setup = Bench.Setup(kit: kit, board: Self.board())
    setup.trust = publicKey
    setup.allowDraft = true
    try change(&setup)
    return try Bench(setup)
  }

  /// A copy of the kit with one byte changed inside the clip.
  func damagedKit(_ prompt: String, in tag: String) throws -> String {
    let whole = try KitFile(path: kit)
    guard let clip = whole.bundle(tag)?.clip(prompt) else { throw CocoaError(.fileNoSuchFile) }
    var bytes = try Files.read(kit)
    let content = try whole.bytes(of: clip)
    guard let start = bytes.firstRange(of: content)?.lowerBound else { throw CocoaError(.fileReadCorruptFile) }
    bytes[start + content.count / 2] ^= 0x10
    let path = directory + "/damaged.kit"
    try Files.replace(path, with: bytes)
    return path
  }
}

extension Bench {
  /// Whether the daemon sleeps for a whole second, once the last of its work is done; that is waited for a minute at most.
  func sleeps() throws -> Bool {
    var before = -1
    for _ in 0..<200 {
      guard let now = daemon.wakeups, now != before else { break }
      before = now
      try rest(until: .now.adding(milliseconds: 300))
    }
    try rest(until: .now.adding(milliseconds: 1000))
    return daemon.wakeups == before
  }
}
