import Kit
import Testing

@Suite("A passphrase is weak")
struct PassphraseWeaknessTests {
  @Test(
    "if it is short, has only digits, repeats itself or is a common word",
    arguments: [
      ("a", PassphraseWeakness.short(characters: 1)), ("hunter2", .short(characters: 7)),
      ("șșșșșșșșșșș", .short(characters: 11)), ("4915112345678", .digits), ("abababababababab", .uniform),
      ("Password123456", .common), ("firstword-2026!", .common), ("QWERTYqwerty1234", .common),
    ])
  func weak(_ passphrase: String, _ weakness: PassphraseWeakness) {
    #expect(PassphraseWeakness.find(in: Array(passphrase.utf8)) == weakness)
  }

  @Test(
    "but not if it is long and varied",
    arguments: [
      "correct horse battery staple", "vK3#qz9!Lp2x", "дом ветер камень река", "password in my long sentence",
    ])
  func good(_ passphrase: String) {
    #expect(PassphraseWeakness.find(in: Array(passphrase.utf8)) == nil)
  }
}
