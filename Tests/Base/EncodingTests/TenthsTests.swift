import Testing

@testable import Encoding

@Suite("A number with one decimal")
struct TenthsTests {
  @Test(
    "is rounded, keeps its sign, and never traps",
    arguments: [
      (0, "0.0"), (-0.04, "0.0"), (-0.05, "-0.1"), (2.44, "2.4"), (-16, "-16.0"), (119.96, "120.0"),
      (Double.infinity, "inf"), (-Double.infinity, "-inf"), (Double.nan, "nan"), (1e300, "1e+300"),
      (-Double.greatestFiniteMagnitude, "-1.7976931348623157e+308"),
    ] as [(Double, String)])
  func text(_ value: Double, _ expected: String) { #expect(value.tenths == expected) }

  @Test("is rounded as a number too")
  func rounded() { #expect((2.46).roundedToTenths == 2.5 && (-0.04).roundedToTenths == 0) }
}
