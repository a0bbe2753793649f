import Testing

@testable import Encoding

@Suite("Figures in JSON")
struct JSONFiguresTests {
  @Test(
    "are rounded to 0.01, or to two digits below 0.1",
    arguments: [
      ("0.30000000000000004", "0.3"), ("-16.0249", "-16.02"), ("54.1", "54.1"), ("3.0", "3"), ("-0.004", "-0.004"),
      ("0.0123456", "0.012"), ("1e-3", "0.001"), ("1.5E2", "150"), ("0.0", "0"), ("123456.789", "123456.79"),
      ("1e300", "1e300"), ("9007199254740993", "9007199254740993"), ("0", "0"), ("-7", "-7"),
    ])
  func rounding(_ number: String, _ expected: String) {
    #expect(JSONFigures.rounded(number) == expected)
    #expect(JSONFigures.rounded("{\"a\":[\(number),true]}") == "{\"a\":[\(expected),true]}")
  }

  @Test("change neither strings nor names nor anything else")
  func strings() {
    let document = #"{"0.30000000000000004":"1.23456 \" 1.23456 \\","ș":[null,false,1.23456,"\\"],"e":"1e-9"}"#
    #expect(JSONFigures.rounded(document) == document.replacing("1.23456,", with: "1.23,"))
  }
}
