import Kit
import KitBuilder
import Posix
import TestSupport

/// A kit that guides the console: a finder, a sequence, questions with their formulas for two answer modes,
/// a language that may stand in, and the operator's voice. Its
/// clips are murmurs, each its own, 0.3 to 0.8 s long.
enum GuidedKit {
  static let listeners = ["ro", "bg", "vi"]
  static let prompts: [(id: String, number: Int, module: String, answer: Answer)] = [
    ("language-name", 1, "language", .none), (raiseHand, 2, "language", .yesNo), ("safe-here", 3, "opening", .none),
    ("wrong-language", 7, "language", .none), ("need-doctor", 13, "needs", .yesNo), ("pain", 14, "needs", .yesNo),
    ("need-drink", 19, "needs", .yesNo),
    ("child-stay", 34, "child", .none), ("what-happens-now", 35, "information", .none),
    ("understood", 38, "understanding", .yesNo),
  ]
  private static let raiseHand = "raise-hand"
  /// The silence between a question and its formula, in milliseconds.
  static let pause = 200

  static let lines: [(id: String, number: Int)] = [
    ("device-ready", 100), ("device-draft-kit", 101), ("device-not-available", 102), ("device-other-language", 103),
    ("device-damaged", 104), ("device-choose-language", 105), ("device-finder", 106), ("device-none-of-these", 107),
    ("device-first-contact", 108), ("device-adults", 109), ("device-children", 110), ("device-other-voice", 115),
    ("device-answers-card", 117), ("device-answers-hand", 118), ("device-answers-tap", 119),
    ("device-answers-buttons", 120), ("device-marked-wrong", 129),
    ("name-ro", 229), ("name-bg", 206), ("name-vi", 239),
  ]

  /// bg lacks the drink; ro may stand in for it.
  ///
  /// - Parameters:
  ///   - modes: the answer modes that it offers.
  ///   - absent: formulas that no language has.
  ///   - languages: how many of the listeners' languages it has.
  static func write(
    to path: String, key: String, modes: [AnswerMode] = [.card, .hand], without absent: Set<String> = [],
    languages: Int = listeners.count
  ) throws {
    let listeners = listeners.prefix(languages)
    var seed: UInt64 = 1000
    func clip(_ tag: String, _ id: String, _ number: Int, _ voice: String, form: Form? = nil) throws -> PackedClip {
      seed += 1
      let samples = murmur(seed: seed, seconds: 0.3 + 0.05 * Double(seed % 11))
      let tags = ClipTags(title: id, language: tag, voice: voice, prompt: id, status: "DRAFT", synthetic: false)
      let bytes = try OpusEncoder.encode(
        samples, rate: 48_000, tags: tags, serial: Int32(seed), settings: EncoderSettings())
      return PackedClip(
        Clip(
          prompt: id, number: number, form: form, voice: voice, file: "", sha256: "", bytes: 0, frames: samples.count,
          loudness: -16, peak: -3, onset: 0, status: .draft, synthetic: false, text: "\(tag) \(id)", back: "",
          wording: ""), content: bytes)
    }
    func bundle(_ tag: String, _ number: Int, _ fallback: [String], _ clips: [PackedClip]) -> PackedBundle {
      PackedBundle(
        BundleManifest(
          tag: tag, number: number, english: tag, autonym: tag, script: "Latn", direction: .ltr, regions: ["RO"],
          fallback: fallback, clips: []), clips: clips)
    }
    var bundles = try zip(listeners, [29, 6, 39]).map { tag, number in
      let own = prompts.filter { tag != "bg" || $0.id != "need-drink" }
      var clips = try own.map { try clip(tag, $0.id, $0.number, "f1") }
      for mode in modes {
        if mode != .base { clips.append(try clip(tag, raiseHand, 2, "f1", form: mode.form())) }
        if absent.contains(mode.formula) { continue }
        clips.append(try clip(tag, mode.formula, 0, "f1"))
      }
      return bundle(tag, number, tag == "bg" ? ["ro"] : [], clips)
    }
    bundles.append(bundle("en", 0, [], try lines.map { try clip("en", $0.id, $0.number, "synthetic") }))
    let known = prompts.map { ($0.id, $0.number, $0.module, $0.answer) }
    let device = lines.map { ($0.id, $0.number, KitPrompt.operatorModule, Answer.none) }
    let manifest = KitManifest(
      name: "guided", version: "1.0", draft: true, source: "en",
      prompts: (known + device).map { id, number, module, answer in
        KitPrompt(
          number: number, id: id, module: module, audience: module == "child" ? .child : .all, answer: answer,
          jurisdiction: false, title: id, caution: "", text: id, namesSigns: id == raiseHand)
      }, bundles: [], operatorLanguage: "en", finder: KitFinder(languages: ["vi", "ro", "bg"].filter(listeners.contains), pause: 1000),
      sequences: [
        KitSequence(
          id: "first-contact", title: "First contact",
          steps: ["safe-here", "need-doctor", "need-drink", "what-happens-now", "understood"].map {
            .init(prompt: $0, pause: 100)
          })
      ], answers: KitAnswers(modes: modes, pause: pause))
    try Pack.write(manifest, bundles: bundles, signedBy: try SecretKey(reading: key) { _ in nil }, to: path)
  }
}
