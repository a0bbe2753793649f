import Encoding
import TestSupport
import Testing

@testable import Kit

@Suite("The plain form of a bundle's manifest")
struct PlainBundleTests {
  /// A manifest with every optional field.
  private static let bundle: BundleManifest = {
    let hash = String(repeating: "0a", count: 32)
    let forms: [Form?] = [nil, .child, Form("hand"), Form("hand", isForChild: true)]
    let clips = forms.enumerated().map { index, form in
      Clip(
        prompt: "safe-here", number: index, form: form, voice: "f\(index)", file: "languages/ro/f1/03-safe-here.opus",
        sha256: hash, bytes: 12_000 + index, frames: 96_000, loudness: [-16.02, -23, 0, 1.5][index],
        peak: [-1, -0.01, -12.345, 0][index], onset: 0, status: Status.allCases[index % 3], synthetic: index == 1,
        text: "Sunteți în siguranță aici, \u{1F44D} „da”.",
        back: [#"\"You" are "\\safe""#, "You are safe here.", "", #"\"#][index], wording: hash,
        speaker: index == 0 ? nil : "Iris", proof: [nil, .claim, .key, nil][index])
    }
    return BundleManifest(
      tag: "ro", number: 29, english: "Romanian", autonym: "română", script: "Latn", direction: .rtl,
      regions: ["RO", "MD"], fallback: ["it"], approvals: ApprovalCount(proved: 1, unproved: 2, keys: ["AB", "CD"]),
      clips: clips)
  }()

  private static let text: [UInt8] = (try? Documents.encode(bundle)) ?? []

  @Test("what our own builder writes is read in one pass, and means the same to the decoder")
  func reads() throws {
    let decoded = try Documents.decode(BundleManifest.self, from: Self.text)
    #expect(decoded == Self.bundle)
    #expect(BundleManifest(plain: Self.text) == decoded)
  }

  static let changes: [[String]] = [
    [#""tag" : "ro""#, #""tag" : "r\u006f""#],
    [#""tag" : "ro""#, #""tag" : "ro", "tag" : "ro""#],
    [#""tag" : "ro""#, #""tag" : "ro", "other" : 1"#],
    [#""tag" : "ro""#, #""tag" : null"#],
    [#""number" : 29,"#, ""],
    [#""kind" : "formula","#, ""],
    [#""kind" : "formula""#, #""kind" : "song""#],
    [#""form" : "child""#, #""form" : "child-child""#],
    [#""form" : "child""#, #""form" : "child", "form" : "child""#],
    [#""proof" : "claim""#, #""proof" : null"#],
    [#""bytes" : 12000"#, #""bytes" : 12000.0"#],
    [#""bytes" : 12000"#, #""bytes" : 012000"#],
    [#""loudness" : -16.02"#, #""loudness" : -16.02e0"#],
    [#""loudness" : -16.02"#, #""loudness" : -16."#],
    [#""loudness" : -16.02"#, #""loudness" : -016.02"#],
    [#""loudness" : -16.02"#, #""loudness" : -.5"#],
    [#""loudness" : -16.02"#, #""loudness" : -16.0200000001"#],
    [#""synthetic" : true"#, #""synthetic" : truest"#],
    [#""synthetic" : true"#, #""synthetic" : 1"#],
    [#""back" : """#, "\"back\" : \"a\tb\""],
    [#""back" : """#, #""back" : "a\nb""#],
    [#""back" : """#, #""back" : "\/""#],
    [#""voice" : "f0""#, #""voi\"ce" : "f0""#],
  ]

  @Test("a text that is not plain is left to the decoder", arguments: changes)
  func leaves(_ change: [String]) throws {
    let text = String(decoding: Self.text, as: UTF8.self)
    let range = try #require(text.firstRange(of: change[0]), "or this test shows nothing")
    let changed = text.replacingCharacters(range, with: change[1])
    #expect(BundleManifest(plain: Array(changed.utf8)) == nil)
  }

  @Test("a text with any change of its bytes means the same to the decoder, or is left to it")
  func agrees() {
    var read = 0
    for _ in 0..<3000 {
      var text = Self.text
      let place = text.changeByte()
      guard let bundle = BundleManifest(plain: text) else { continue }
      read += 1
      let decoded = try? Documents.decode(BundleManifest.self, from: text)
      #expect(bundle == decoded, "byte \(place): \(String(decoding: text, as: UTF8.self))")
    }
    #expect(read > 300, "or this test shows little")
  }
}

extension String {
  fileprivate func replacingCharacters(_ range: Range<Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
  }
}
