import Testing

@testable import Kit

@Suite("Forms, formulas and answer modes in manifests")
struct KitFormTests {
  private func refusal(_ clips: [Clip], prompts: [KitPrompt] = [], change: (inout KitManifest) -> Void = { _ in })
    -> String
  {
    var bundle = Sample.bundle("ro", 29, clips: []).manifest
    bundle.clips = clips.map { clip in
      var clip = clip
      clip.file = KitLayout.clip(
        tag: "ro", voice: clip.voice, number: clip.number, prompt: clip.prompt, form: clip.form ?? .base)
      (clip.sha256, clip.wording, clip.bytes) = (
        String(repeating: "0", count: 64), String(repeating: "0", count: 64), 1
      )
      return clip
    }
    var kit = Sample.kit
    kit.prompts = prompts
    kit.bundles = [
      BundleEntry(tag: "ro", manifest: KitLayout.bundle("ro"), sha256: String(repeating: "0", count: 64))
    ]
    change(&kit)
    do {
      try bundle.validate()
      try kit.validate()
      try kit.validate(with: [bundle])
      return ""
    } catch { return "\(error)" }
  }

  private func clip(_ number: Int, _ prompt: String, _ form: String = "", voice: String = "f1") -> Clip {
    var clip = Sample.clip(number, prompt, voice: voice)
    clip.form = form.isEmpty ? nil : Form(rawValue: form)
    return clip
  }

  @Test("forms and formulas of one prompt and voice are distinct clips with files of their own")
  func valid() {
    let clips = [
      clip(0, "answer-card"), clip(0, "answer-card", "child"), clip(2, "raise-hand"),
      clip(2, "raise-hand", voice: "m1"),
      clip(2, "raise-hand", "child"), clip(2, "raise-hand", "hand"), clip(2, "raise-hand", "hand-child"),
    ]
    #expect(clips.map(\.kind) == [.formula, .formula, .message, .message, .message, .message, .message])
    #expect(refusal(clips) == "")
    #expect(refusal(clips.reversed()).contains("not above the clip before it"))
  }

  @Test("contradictions are refused")
  func refused() {
    var wrong = clip(0, "answer-card")
    wrong.kind = .message
    #expect(refusal([wrong]).contains("kind"))
    #expect(refusal([clip(3, "answer-card")]).contains("kind"))
    #expect(refusal([clip(0, "safe-here")]).contains("kind"))
    #expect(refusal([clip(0, "answer-card", "hand")]).contains("'hand' is no form of a formula"))
    #expect(refusal([clip(2, "raise-hand", "police")]).contains("'police' is no form of a message"))
    #expect(refusal([clip(2, "raise-hand", "card")]).contains("'card' is no form of a message"))
    #expect(refusal([clip(100, "device-ready", "child")]).contains("one form only"))
    let plain = Sample.prompt(2, "raise-hand")
    #expect(refusal([clip(2, "raise-hand", "hand")], prompts: [plain]).contains("one form for all modes"))
    var signs = plain
    signs.namesSigns = true
    #expect(refusal([clip(2, "raise-hand", "hand")], prompts: [signs]) == "")
    #expect(refusal([], change: { $0.answers.modes = [] }).contains("answers.modes"))
    #expect(refusal([], change: { $0.answers.modes = [.card, .card] }).contains("twice"))
    #expect(refusal([], change: { $0.answers.pause = 10 }).contains("answers.pause"))
    #expect(refusal([], change: { $0.forms = ["who-we-are": "police"] }).contains("no prompt of the kit"))
    var gated = Sample.prompt(17, "pregnant")
    gated.gate = "device-caution"
    #expect(refusal([], prompts: [gated]) == "")
    #expect(refusal([], prompts: [gated], change: { $0.operatorLanguage = "ro" }).contains("no line of the device"))
    #expect(
      refusal([], prompts: [gated], change: { $0.sequences = [Sample.sequence("first", "pregnant")] })
        .contains("is gated"))
  }

  @Test("an older and a newer format are refused in one sentence that says what to do")
  func versions() {
    let old = KitError("a.kit", "kit.json", .version(found: "firstword-kit/1", expected: "firstword-kit/2"))
    #expect(old.description.hasSuffix("build the kit again with this firstword, or ask its publisher for a newer one"))
    let new = KitError("a.kit", "kit.json", .version(found: "firstword-kit/10", expected: "firstword-kit/9"))
    #expect(new.description.hasSuffix("use a newer firstword"))
  }
}
