import Control
import Kit
import Simulator
import Testing

@Suite struct SignalReasonTests {
  private static func clip(_ prompt: String) -> Clip {
    Clip(
      prompt: prompt, number: 3, voice: "f1", file: "f", sha256: "", bytes: 0, frames: 0, loudness: 0, peak: 0,
      onset: 0, status: .draft, synthetic: true, text: "", back: "", wording: "")
  }

  private let kit: (manifest: KitManifest, bundles: [BundleManifest]) = (
    KitManifest(
      name: "kit", version: "1", draft: true, source: "en",
      prompts: ["safe-here", "need-doctor"].map {
        KitPrompt(
          number: 3, id: $0, module: "opening", audience: .all, answer: .none, jurisdiction: false, title: $0,
          caution: "", text: $0)
      }, bundles: []),
    [
      BundleManifest(
        tag: "ro", number: 29, english: "Romanian", autonym: "română", script: "Latn", direction: .ltr, regions: [],
        fallback: [], clips: [clip("safe-here")])
    ]
  )

  @Test(
    "a message that is not available is explained: not in the kit, not in the language, recalled or damaged",
    arguments: [
      ("safe-heer", "ro", "the kit has no message 'safe-heer'"),
      ("need-doctor", "ro", "Romanian has no recording of it, and no other language may replace it"),
      ("safe-here", "ro", "its recording in Romanian is recalled or damaged"),
      ("safe-here", "vi", "the kit has no 'vi'"),
      ("opening", "ro", "there is no further message of it in Romanian"),
    ])
  func messages(_ prompt: String, _ language: String, _ reason: String) {
    let event = ControlEvent("signal", language: language, prompt: prompt, detail: "not-available")
    #expect(SignalReason.text(event, in: kit) == reason)
  }

  @Test("without a kit the language is named, and a button without a message is explained")
  func buttons() {
    func reason(_ detail: String, _ button: String?, prompt: String? = nil) -> String? {
      SignalReason.text(ControlEvent("signal", language: "ro", prompt: prompt, detail: detail), after: button)
    }
    #expect(reason("not-available", nil, prompt: "safe-here") == "ro has no recording of it")
    #expect(reason("not-available", "7") == "no message or language has this number")
    #expect(reason("not-available", "repeat") == "nothing was said yet")
    #expect(reason("not-available", "answer-yes") == "no question waits for an answer")
    #expect(reason("not-available", "voice") == "there is no other voice")
    let event = ControlEvent(
      "signal", language: "ro", prompt: "need-doctor", detail: "not-available", reason: "no-formula")
    #expect(
      SignalReason.text(event) == "no formula: ro has no recording of how to answer in this mode that can be played")
    #expect(SignalReason.text(event, in: kit)?.hasPrefix("no formula: Romanian has no recording") == true)
    #expect(reason("no-language", "safe-here") == "no language is chosen")
    #expect(reason("done", "children") == nil)
    #expect(SignalReason.text(ControlEvent("started", detail: "not-available")) == nil)
  }
}
