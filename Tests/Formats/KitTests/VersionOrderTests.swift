import Testing

@testable import Kit

@Suite("The order of versions")
struct VersionOrderTests {
  @Test(
    "numbers are compared by value, and pre-releases come before their release",
    arguments: [
      ("1.9", "1.10"), ("1.0-rc.1", "1.0"), ("1.0-rc.2", "1.0-rc.10"), ("1", "1.0.1"), ("2026.5", "2026.11"),
      ("1.0-alpha", "1.0-alpha.1"), ("1.0", "1.a"),
    ])
  func versions(lower: String, higher: String) {
    #expect(VersionOrder(lower) < VersionOrder(higher))
    #expect(!(VersionOrder(higher) < VersionOrder(lower)))
  }

  @Test("1 and 1.0.0 are equal, and build metadata is ignored")
  func sameVersion() {
    #expect(!(VersionOrder("1") < VersionOrder("1.0.0")) && !(VersionOrder("1.0.0") < VersionOrder("1")))
    #expect(!(VersionOrder("1.0+a") < VersionOrder("1.0+b")))
  }
}
