import Catalogue
import CatalogueFixture
import Image
import Kit
import KitBuilder
import Posix
import TestSupport

/// A small base image, a publisher, kits and boards in a temporary directory.
final class ImageBench {
  let scratch: Scratch
  let base: SmallBaseImage
  let publisher: SecretKey

  init(megabytes: Int = 40, board: String? = nil, change: (String) -> String = { $0 }) throws {
    scratch = try Scratch()
    base = try SmallBaseImage(in: scratch.directory, megabytes: megabytes, board: board, change: change)
    _ = try SecretKey.generate(name: scratch.directory + "/publisher", passphrase: nil)
    publisher = try SecretKey(reading: scratch.directory + "/publisher.key") { _ in nil }
  }

  /// Returns the path of a file.
  func file(_ name: String) -> String { "\(scratch.directory)/\(name)" }

  /// Opens the base image.
  func image() throws -> BaseImage { try BaseImage(base.path) }

  /// Writes a kit of one clip of half a second.
  func kit(
    _ name: String = "sample.kit", draft: Bool = false, modes: [AnswerMode] = [.card], operatorLanguage: String? = nil
  ) throws -> String {
    let samples = (0..<24_000).map { Float($0 % 110) / 110 * 0.3 - 0.15 }
    let tags = ClipTags(
      title: "safe-here", language: "ro", voice: "f1", prompt: "safe-here", status: "approved", synthetic: false)
    let bytes = try OpusEncoder.encode(samples, rate: 48_000, tags: tags, serial: 7, settings: EncoderSettings())
    var answers = KitAnswers()
    answers.modes = modes
    let manifest = KitManifest(
      name: "sample", version: "1.0", draft: draft, source: "en",
      prompts: [
        KitPrompt(
          number: 3, id: "safe-here", module: "opening", audience: .all, answer: .none, jurisdiction: false,
          title: "safe-here", caution: "", text: "You are safe here with us now.")
      ], bundles: [], operatorLanguage: operatorLanguage, answers: answers)
    let clips = [
      PackedClip(
        Clip(
          prompt: "safe-here", number: 3, voice: "f1", file: "", sha256: "", bytes: 0, frames: 24_000, loudness: -16.02,
          peak: -1.5, onset: 480, status: draft ? .draft : .approved, synthetic: draft,
          text: "Sunteți în siguranță aici cu noi.", back: "You are safe here with us.", wording: ""), content: bytes)
    ]
    let bundle = BundleManifest(
      tag: "ro", number: 3, english: "Romanian", autonym: "română", script: "Latn", direction: .ltr, regions: ["RO"],
      fallback: [], clips: [])
    try Pack.write(manifest, bundles: [PackedBundle(bundle, clips: clips)], signedBy: publisher, to: file(name))
    return file(name)
  }

  /// Writes a board of a few buttons on a Raspberry Pi 4.
  func board(
    _ name: String = "b.yaml", use: String = "field", header: String = "raspberry-pi", pcm: String = "hw:CARD=Device",
    chip: String = "pinctrl-bcm2711", bias: String = "bias: up", choice: String = "next-language"
  ) throws -> String {
    try scratch.write(
      name,
      """
      name: bus
      use: \(use)
      header: \(header)
      sound:
        channels: 2
        pcm: "\(pcm)"
        volume: { default: -6, floor: -30, ceiling: 0 }
      lines:
        chip: \(chip)
        \(bias)
        buttons:
          - { line: 5, button: stop }
          - { line: 6, button: \(choice) }
          - { line: 13, button: safe-here, label: "safe" }
      """)
  }

  /// Plans a card of a board and a kit.
  func plan(
    _ board: String, _ kit: String, keys: [PublicKey]? = nil, _ change: (inout CardSettings) -> Void = { _ in }
  ) throws -> CardPlan {
    var settings = CardSettings()
    change(&settings)
    return try CardPlan(
      base: try image(), boardFile: board, catalogue: Repository.catalogue(), kit: kit,
      trusted: TrustedKeys(keys ?? [publisher.publicKey]), settings: settings)
  }

  /// Returns the reasons for which a card is refused; none where it is planned.
  func refusals(
    _ board: String, _ kit: String, keys: [PublicKey]? = nil, _ change: (inout CardSettings) -> Void = { _ in }
  ) throws -> [String] {
    do {
      _ = try plan(board, kit, keys: keys, change)
      return []
    } catch let error as ImageError {
      return error.lines.map { $0.replacing(scratch.directory + "/", with: "") }
    }
  }

  /// Makes a card.
  func card(_ name: String, _ plan: CardPlan) throws -> CardMaker.Card {
    try CardMaker(try image(), plan).make(file(name))
  }

  /// Returns what debugfs(8) says about the data partition of an image.
  func debugfs(_ command: String, _ name: String) throws -> String {
    let words = ["PATH=/usr/sbin:/sbin:/usr/bin:/bin", "TZ=UTC0", "debugfs", "-R", command]
    let device = "\(file(name))?offset=\(SmallBaseImage.data)"
    return try ChildProcess.run("env", words + [device], seconds: 60).output
  }
}
