import Encoding
import Testing

@testable import Slots

@Suite("The order of systems")
struct SystemVersionTests {
  @Test(
    "a build between releases comes before the release that it names, or after it, as Debian's packages do",
    arguments: [
      ("1.0~git20261130141031.10ae143f", "1.0"), ("1.0~git20261130141031.10ae143f", "1.0~git20261130141131.00000001"),
      ("0.9", "1.0~git20261130141031.10ae143f"), ("1.0", "1.0+git20261201090000.5c0ffee0"),
      ("1.0+git20261201090000.5c0ffee0", "1.0+git20261202090000.10ae143f"),
      ("1.0+git20261201090000.5c0ffee0", "1.1~git20261130141031.10ae143f"), ("1.0-rc.1", "1.0"), ("1.9", "1.10"),
    ])
  func order(lower: String, higher: String) {
    #expect(SystemVersion(lower) < SystemVersion(higher))
    #expect(!(SystemVersion(higher) < SystemVersion(lower)))
  }

  @Test("a version has letters, digits and the marks of a version, and no more than 64 characters")
  func validation() {
    for text in ["1.0", "0.1.0~git20261130141031.10ae143f", "1.0+git1"] {
      #expect(throws: Never.self) { try SystemVersion.validate(text) }
    }
    for text in ["", "~1", "-1", "1.0 ", "1/0", "1~\u{e9}", String(repeating: "1", count: 65)] {
      #expect(throws: DocumentError.self) { try SystemVersion.validate(text) }
    }
  }
}
