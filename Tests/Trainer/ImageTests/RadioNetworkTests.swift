import Testing

@testable import Image

@Suite("A network by radio")
struct RadioNetworkTests {
  private func file(_ name: String, _ passphrase: String, _ country: String? = nil) throws -> String {
    String(decoding: try RadioNetwork(name: name, passphrase: passphrase, country: country).file.bytes, as: UTF8.self)
  }

  private func refusal(_ name: String, _ passphrase: String, _ country: String? = nil) throws -> String {
    do {
      return "none: \(try file(name, passphrase, country))"
    } catch let error as ImageError { return error.description }
  }

  @Test(
    "is written as wpa_supplicant reads it: a name that is no plain text in hexadecimal digits, and a key without marks"
  )
  func files() throws {
    #expect(
      try file("shelter", "a long \"secret\" #1", "ro")
        == "country=RO\nnetwork={\n  ssid=\"shelter\"\n  psk=\"a long \"secret\" #1\"\n}\n")
    #expect(try file("a\"b", "12345678").contains("  ssid=612262\n"))
    #expect(try file("caf\u{E9}\n}", "12345678").contains("  ssid=636166c3a90a7d\n"))
    let key = String(repeating: "0aF9", count: 16)
    #expect(try file("shelter", key).contains("  psk=\(key)\n"))
  }

  @Test("is refused with a name, a passphrase or a country that no network has, and the passphrase is never repeated")
  func refusals() throws {
    #expect(try refusal("", "12345678").hasPrefix("the name of the Wi-Fi: it has not 1 to 32 bytes"))
    #expect(try refusal(String(repeating: "\u{E9}", count: 17), "12345678").contains("1 to 32 bytes"))
    let long = String(repeating: "x", count: 64)
    for passphrase in ["", "1234567", "12345678\n}", "p\u{E4}ssword", long] {
      let text = try refusal("shelter", passphrase)
      #expect(text.contains("the passphrase of the Wi-Fi: it has not 8 to 63"), "\(text)")
      #expect(passphrase.isEmpty || !text.contains(passphrase))
    }
    #expect(try refusal("shelter", "12345678", "Romania").contains("two letters"))
  }
}
