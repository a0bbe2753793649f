import Project
import Testing

@testable import RecordingSession

@Suite("The voice that a session records") struct SpeakerVoiceTests {
  private let speakers = [
    Self.speaker("Iris", "f2"), Self.speaker("Ion", "m1", withdrawn: "2026-02-01"),
    Self.speaker("Ana", "f1", language: "es"),
  ]

  private static func speaker(
    _ pseudonym: String, _ voice: String, language: String = "ro", withdrawn: String? = nil
  ) -> Speaker {
    Speaker(
      pseudonym: pseudonym, language: language, voice: voice, isForChildren: false, consent: "2026-01-01",
      licence: "any", contact: "r@example.org", withdrawn: withdrawn, file: "", line: 1)
  }

  @Test("is the only consenting speaker's of the language, or f1 where there is none or several")
  func standard() throws {
    #expect(try SpeakerVoice(nil, voice: nil, language: "ro", in: speakers).speaker?.pseudonym == "Iris")
    #expect(
      try SpeakerVoice(nil, voice: nil, language: "ar", in: speakers)
        == SpeakerVoice(
          nil, voice: "f1", language: "ar", in: []))
    let two = speakers + [Self.speaker("Mara", "f3")]
    #expect(try SpeakerVoice(nil, voice: nil, language: "ro", in: two).name == "f1")
  }

  @Test("is found by the pseudonym in any case of letters")
  func pseudonym() throws {
    #expect(try SpeakerVoice("iris", voice: nil, language: "ro", in: speakers).name == "f2")
  }

  @Test("is refused for an unknown speaker, another voice and a withdrawn consent")
  func refused() {
    #expect(throws: SpeakerVoiceError.unknown(pseudonym: "Ana", language: "ro", known: ["Iris", "Ion"])) {
      try SpeakerVoice("Ana", voice: nil, language: "ro", in: speakers)
    }
    #expect(
      throws: SpeakerVoiceError.otherVoice(pseudonym: "Iris", language: "ro", voice: "f2", requested: "f1")
    ) { try SpeakerVoice("Iris", voice: "f1", language: "ro", in: speakers) }
    #expect(throws: SpeakerVoiceError.withdrawn(pseudonym: "Ion", day: "2026-02-01")) {
      try SpeakerVoice(nil, voice: "m1", language: "ro", in: speakers)
    }
  }

  @Test("cannot be released while the speaker is unknown, or before the day of the consent")
  func release() throws {
    let known = try SpeakerVoice("Iris", voice: nil, language: "ro", in: speakers)
    #expect(known.releaseObstacle(on: "2026-01-01") == nil)
    #expect(known.releaseObstacle(on: "2025-12-31")?.contains("2026-01-01") == true)
    let unknown = try SpeakerVoice(nil, voice: "f1", language: "ro", in: speakers)
    #expect(unknown.releaseObstacle(on: "2026-01-01")?.contains("speakers.yaml") == true)
  }
}
