import Catalogue
import Kit
import Testing

@testable import Pages

@Suite("The page of two kits")
struct DiffPageTests {
  private func clip(_ text: String, status: Status = .draft) -> Clip {
    Clip(
      prompt: "safe-here", number: 3, voice: "f1", file: "", sha256: "", bytes: 1, frames: 72_000, loudness: -16.04,
      peak: -2, onset: 0, status: status, synthetic: false, text: text, back: "You are <here>", wording: "")
  }

  private func page(_ before: DiffPage.Side?, _ after: DiffPage.Side?) -> String {
    DiffPage(
      before: "a 1.0", after: "a 1.1",
      changes: [
        .init(what: "version", before: "1.0", after: "1.1"), .init(what: "prompt <own>", before: nil, after: "60"),
      ],
      groups: [
        .init(
          language: TextLanguage(tag: "ar", script: "Arab", direction: .rtl), english: "Arabic", autonym: "العربية",
          pairs: [
            .init(
              number: 3, prompt: "safe-here", title: "You are safe", voice: "f1", marks: ["re-recorded"],
              before: before, after: after)
          ])
      ]
    ).page.document
  }

  @Test("holds both recordings and both wordings side by side, and loads nothing")
  func both() {
    let document = page(
      .init(clip: clip("أنت هنا"), sound: [0x4F, 0x67, 0x67, 0x53]), .init(clip: clip("أنت آمن"), sound: [1, 2, 3]))
    #expect(xmlFault(document) == nil)
    for text in [
      "data-sound=\"T2dnUw==\"", "data-sound=\"AQID\"", "أنت هنا", "أنت آمن", "re-recorded", "You are &lt;here&gt;",
      "1.5 s, −16.0 LUFS", "prompt &lt;own&gt;", "<p lang=\"ar\" dir=\"rtl\"",
    ] {
      #expect(document.contains(text), "\(text)")
    }
    #expect(document.components(separatedBy: "class=\"side changed\"").count == 3)
    for word in ["http:", "https:", "src=\"", "<link", "@import", "url("] {
      #expect(!document.contains(word), "\(word)")
    }
  }

  @Test("has no player for the same audio, and a placeholder for a missing clip")
  func one() {
    let same = page(.init(clip: clip("أنت"), sound: [1]), .init(clip: clip("أنت", status: .approved), sound: nil))
    #expect(same.contains("same audio") && same.contains("approved"))
    #expect(!same.contains("class=\"side changed\""))
    #expect(page(nil, .init(clip: clip("أنت"), sound: [1])).contains("<div class=\"side none\">missing</div>"))
  }
}
