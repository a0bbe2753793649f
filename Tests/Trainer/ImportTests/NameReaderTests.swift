import Catalogue
import KitBuilder
import Testing

@testable import Import

/// Names as given by people, recorders and messengers. An ambiguous name must leave a doubt.
@Suite struct NameReaderTests {
  /// A name and its expected readings: `ro`, `?` for a doubt, `-` for nothing.
  struct Case: CustomStringConvertible, Sendable {
    var name: String
    var language: String
    var prompt: String
    var voice: String
    var description: String { name }

    init(_ name: String, _ language: String, _ prompt: String, _ voice: String = "-") {
      (self.name, self.language, self.prompt, self.voice) = (name, language, prompt, voice)
    }
  }

  static let workspace: Workspace? = {
    guard
      let fixture = try? ImportFixture(
        ["ro", "es", "km", "ar", "my", "ckb", "kmr", "so", "am", "cmn-Hans", "fr"],
        speakers: """
          speakers:
            - {pseudonym: "Iris", language: "ro", voice: f2, consent: 2026-04-30, licence: "kits", contact: "a@example.org"}
            - {pseudonym: "Ana Maria", language: "ro", voice: f3, consent: 2026-04-30, licence: "kits", contact: "a@example.org"}

          """)
    else { return nil }
    return try? fixture.workspace()
  }()
  static let reader = workspace.map(NameReader.init)

  private func value(_ reading: Reading<String>) -> String {
    switch reading {
    case .silent: "-"
    case .certain(let value, _): value
    case .open: "?"
    }
  }

  @Test(
    "a name gives language, prompt and voice if it has one reading, and a doubt if it has several",
    arguments: [
      // Names as the documentation recommends.
      Case("ro_03.wav", "ro", "safe-here"),
      Case("03 - safe here (Romanian).mp3", "ro", "safe-here"),
      Case("RO-safe-here-take2.WAV", "ro", "safe-here"),
      Case("recordings/ro/f1/03-safe-here.wav", "ro", "safe-here", "f1"),
      Case("ro/synthetic/03-safe-here.wav", "ro", "safe-here", "synthetic"),
      // Codes, with and without separators.
      Case("ron03.flac", "ro", "safe-here"),
      Case("rum-14.ogg", "ro", "pain"),
      Case("03ro.wav", "ro", "safe-here"),
      Case("ro-RO_03.wav", "ro", "safe-here"),
      Case("zh-CN/03.m4a", "cmn-Hans", "safe-here"),
      Case("cmn-Hans 03.wav", "cmn-Hans", "safe-here"),
      Case("khm_p13.wav", "km", "need-doctor"),
      // Language names: in English, in the language itself, in operator languages.
      Case("Khmer #13.wav", "km", "need-doctor"),
      Case("ខ្មែរ ០៣.wav", "km", "safe-here"),
      Case("العربية/٠٣.wav", "ar", "safe-here"),
      Case("română 40 mulțumesc.wav", "ro", "thank-you"),
      Case("roma\u{0302}na\u{0306} 40.wav", "ro", "thank-you"),
      Case("romana 40.wav", "ro", "thank-you"),
      Case("Rumänisch - 40.wav", "ro", "thank-you"),
      Case("румынский 40.wav", "ro", "thank-you"),
      Case("普通话 03.wav", "cmn-Hans", "safe-here"),
      Case("ROMANIAN_SAFE_HERE.WAV", "ro", "safe-here"),
      Case("español — despedida 41.wav", "es", "goodbye"),
      Case("Kurmancî 03.wav", "kmr", "safe-here"),
      // The prompt's title, its words, and misspellings.
      Case("Do you need a doctor? [es].wav", "es", "need-doctor"),
      Case("es_needDoctor.wav", "es", "need-doctor"),
      Case("es 13 need docter.wav", "es", "need-doctor"),
      Case("es need docter.wav", "es", "?"),
      Case("safe-here/ro.wav", "ro", "safe-here"),
      Case("03-safe-here/es.wav", "es", "safe-here"),
      Case("03%20safe%20here%20(Spanish).mp3", "es", "safe-here"),
      Case("🇷🇴 ro 03 👍 safe here.wav", "ro", "safe-here"),
      Case("ro 3️⃣.wav", "ro", "safe-here"),
      // The numbers of takes, copies, dates and sample rates are not prompts.
      Case("03_safe-here_ro_v2_48kHz_24bit.wav", "ro", "safe-here"),
      Case("ro_03 (2).wav", "ro", "safe-here"),
      Case("2026-05-01 ro 13 need-doctor FINAL.wav", "ro", "need-doctor"),
      Case("20260501_ro_13.wav", "ro", "need-doctor"),
      Case("safe here 2 ro.wav", "ro", "safe-here"),
      // Voices.
      Case("ro_f2_03.wav", "ro", "safe-here", "f2"),
      Case("Iris/ro 03.wav", "ro", "safe-here", "f2"),
      Case("ro 03 ana maria.wav", "ro", "safe-here", "f3"),
      Case("es female 03.wav", "es", "safe-here", "f1"),
      Case("es homme 03.wav", "es", "safe-here", "m1"),
      Case("ro femeie 03.wav", "ro", "safe-here", "?"),
      Case("27 prefer woman ro.wav", "ro", "prefer-woman"),
      // Ambiguous names.
      Case("ro_03 need doctor.wav", "ro", "?"),
      Case("ro 3 13.wav", "ro", "?"),
      Case("Recording 3.m4a", "-", "?"),
      Case("ro (3).wav", "ro", "?"),
      Case("WhatsApp Audio 2026-05-01 at 10.30.15.opus", "-", "-"),
      Case("PTT-20260501-WA0003.opus", "-", "-"),
      Case("kurdish 03.wav", "?", "safe-here"),
      Case("ro/es_03.wav", "?", "safe-here"),
      Case("my safe here 03.wav", "?", "safe-here"),
      Case("my_03.wav", "my", "safe-here"),
      Case("so/03.wav", "so", "safe-here"),
      Case("am I pregnant.wav", "?", "pregnant"),
      Case("KH 03.wav", "?", "safe-here"),
      Case("03 safe here (Turkish).mp3", "?", "safe-here"),
      Case("safe here or need doctor ro.wav", "ro", "?"),
      Case("99 ro.wav", "ro", "?"),
      Case("3f2a9c1e-77aa-4b03-9d03-0c03aa03bb03.wav", "-", "-"),
      Case("ro f1 m1 03.wav", "ro", "safe-here", "?"),
      Case("audio.wav", "-", "-"),
      Case(".wav", "-", "-"),
      Case("", "-", "-"),
    ])
  func reads(_ item: Case) throws {
    let reading = try #require(Self.reader).read(item.name)
    #expect(value(reading.language) == item.language, "\(reading.language)")
    #expect(value(reading.prompt) == item.prompt, "\(reading.prompt)")
    #expect(value(reading.voice) == item.voice, "\(reading.voice)")
  }

  @Test("the words of a text name its language and prompt")
  func ownWords() throws {
    let reader = try #require(Self.reader)
    for (tag, prompt) in [("ro", "safe-here"), ("ro", "pain"), ("fr", "what-happens-now")] {
      let text = try #require(Self.workspace?.catalogue.wording(prompt, in: tag)?.text)
      let reading = reader.read("\(text.filter { $0 == " " || $0.isLetter }).wav")
      #expect(value(reading.language) == tag && value(reading.prompt) == prompt, "\(text)")
    }
  }

  @Test("a number counted by a recorder is marked as such")
  func counted() throws {
    let reading = try #require(Self.reader).read("ro/New Recording 3.m4a")
    #expect(reading.isCounted)
    #expect(reading.prompt == .open(["safe-here"], reason: "number 3 may only count the recordings"))
  }

  @Test("a name is split at punctuation, emoji, digits of any script, and capitals")
  func tokens() {
    let tokens = NameToken.all(in: "ROSafeHere_٠٣ (Română)🎤x")
    #expect(tokens.map(\.text) == ["RO", "Safe", "Here", "٠٣", "Română", "x"])
    #expect(tokens.map(\.number) == [nil, nil, nil, 3, nil, nil])
    #expect(tokens.map(\.isBracketed) == [false, false, false, false, true, false])
    #expect(tokens.map(\.gap) == [.start, .nothing, .nothing, .sign, .sign, .sign])
  }
}
