extension CardWords {
  static let german = CardWords(
    draft: "ENTWURF (DRAFT): Diese Texte hat niemand freigegeben. Nur für Versuche und Übungen.",
    unreviewed: "Was auf dieser Karte um die Nachrichten steht, hat eine Maschine übersetzt; niemand hat es geprüft.",
    responder: "Karte für Einsatzkräfte", listener: "Karte zum Zeigen", poster: "Sprachen und Zeichen",
    sheet: "Nachrichten zum Lesen",
    pointing: "Lassen Sie die Person auf ihre Sprache zeigen. Die Nummer ist die der Sprache: * und zwei Ziffern.",
    reading:
      "Für Menschen, die schlecht hören. Zeigen Sie immer nur auf eine Nachricht, und warten Sie. Nicht alle können "
      + "lesen.",
    contacts: "Anrufen", buttons: "Tasten", answers: "Antworten sind Zeichen", languages: "Sprachen",
    messages: "Nachrichten", does: "Tun", doesNot: "Lassen",
    held: "lange gedrückt", digits: "zwei Ziffern: eine Nachricht nach ihrer Nummer",
    star: "und zwei Ziffern: eine Sprache nach ihrer Nummer", without: "ohne",
    jurisdiction: "Hängt vom Land ab: nur, wenn es hier auch stimmt.",
    todo: [
      "Zuerst, was nicht warten kann: Verletzungen, Gefahr, Kinder.",
      "Gehen Sie an einen ruhigen Ort, weg von allen, die mit der Person gekommen sind.",
      "Rufen Sie jetzt die Dolmetscherin oder den Dolmetscher. Die Nachrichten überbrücken nur die Zeit.",
      "Finden Sie zuerst die Sprache: Lassen Sie sie ihren Namen sagen oder die Person zeigen.",
      "Machen Sie jedes Zeichen selbst vor, während seine Nachricht läuft.",
      "Spielen Sie eine Nachricht. Dann warten und hinsehen.",
      "Sofort Stopp drücken, wenn beide offenen Hände vorgestreckt werden oder etwas nicht stimmt.",
      "Notieren Sie, was gespielt und geantwortet wurde, und übergeben Sie es zum Dolmetschen.",
    ],
    notToDo: [
      "Nicht fragen, was geschehen ist. Das kommt später, mit Dolmetscher.",
      "Nichts versprechen, was Sie nicht halten können: Papiere, Straffreiheit, eine Uhrzeit.",
      "Ein Nicken oder Lächeln nicht für ein Ja nehmen.",
      "Keine Begleiter, Kinder oder Umstehenden dolmetschen lassen.",
      "Nichts abspielen, was jemand hören könnte, vor dem die Person vielleicht Angst hat.",
      "Nicht fragen, warum jemand nicht antworten will.",
      "Die Person nicht anfassen, ihr nicht den Weg zur Tür verstellen.",
      "Keine Namen notieren, keine Stimmen aufnehmen, keine Bilder machen.",
    ],
    gestures: [
      .yes: Answer("Ja", "eine Hand gehoben"), .no: Answer("Nein", "beide Hände unten"),
      .notUnderstood: Answer("Ich verstehe nicht", "Hände über den Ohren"),
      .preferNot: Answer("Ich möchte nicht antworten", "Arme vor der Brust gekreuzt"),
      .stop: Answer("Stopp", "offene Hände vorgestreckt"),
    ],
    kinds: [
      .interpreter: "Dolmetschen", .hotline: "Hilfetelefon", .medical: "Ärztliche Hilfe", .police: "Polizei",
      .shelter: "Unterkunft", .child: "Kinder und Jugendliche", .legal: "Rechtsberatung", .other: "Andere",
    ],
    modules: [
      "language": "Sprache", "answering": "Wie man antwortet", "opening": "Beginn", "needs": "Bedürfnisse",
      "safety": "Sicherheit", "preference": "Wünsche", "child": "Für Kinder", "information": "Auskunft",
      "understanding": "Verstehen", "closing": "Schluss",
    ],
    controls: [
      "stop": "Stopp", "repeat": "Wiederholen", "next-language": "Nächste Sprache",
      "previous-language": "Vorige Sprache", "louder": "Lauter", "quieter": "Leiser", "quiet": "Leisebetrieb an, aus",
      "answer-yes": "Antwort: ja", "answer-no": "Antwort: nein", "answer-unclear": "Antwort: nicht verstanden",
      "answer-declined": "Antwort: möchte nicht antworten", "answer-stop": "Antwort: stopp",
      "finder": "Sprache finden: jede Sprache nennt sich selbst", "next": "Weiter", "previous": "Zurück",
      "children": "Nachrichten für Kinder oder für Erwachsene", "voice": "Andere Stimme",
      "status": "Wie es um das Gerät steht",
    ],
    sequences: ["first-contact": "Erster Kontakt", "first-contact-child": "Erster Kontakt mit einem Kind"],
    order: "in dieser Reihenfolge")
}
