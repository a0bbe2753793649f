import Catalogue
import Encoding
import Foundation
import Import
import Kit
import KitBuilder
import Posix
import Project
import Testing

@Suite("Files that came back by post")
struct ReturnTests {
  @Test("a speaker's recordings land exactly, with the consent and the notes")
  func lands() throws {
    let fixture = try ReturnFixture()
    var (content, takes) = try fixture.booth()
    content["notes"] = [
      [
        "item": "need-doctor", "wording": try fixture.wording("need-doctor"), "note": "<b>nobody</b> says so",
        "date": "2026-04-20",
      ]
    ]
    let path = try fixture.save(content, takes: takes)
    let plan = try fixture.take(path)
    #expect(plan.speaker?.voice == "f1" && plan.isNewSpeaker)
    let project = fixture.place.project
    let there = "\(project)/recordings/ro/f1/03-safe-here.flac"
    #expect(try Files.read(there) == takes["takes/safe-here.flac"])
    let workspace = try fixture.place.workspace()
    let speaker = try #require(workspace.speakers.all.first)
    #expect(speaker.pseudonym == "Iris" && speaker.consent == "2026-04-20" && speaker.contact == "ana@example.org")
    #expect(speaker.licence == "for people who need help" && speaker.key == fixture.key.publicKey.base64)
    #expect(workspace.speakers.pseudonym(ofWithdrawalCode: "4q7yk m2rt9 oxwvb 3hjne") == "Iris")
    #expect(workspace.speakers.pseudonym(ofWithdrawalCode: "4Q7YK-M2RT9-0XWVB-3HJNF") == nil)
    #expect(workspace.notes.entries.map(\.note) == ["<b>nobody</b> says so"])
    #expect(workspace.notes.entries[0].verdict == .returned)
    #expect(try Files.list("\(project)/returns").count == 2)
    #expect(try fixture.plan(path).imported != nil)
  }

  @Test("a second file of the same browser goes to the same voice, and replaces only if told to")
  func again() throws {
    let fixture = try ReturnFixture()
    let (first, takes) = try fixture.booth()
    let before = try fixture.save(first, takes: takes)
    try fixture.take(before)
    let (second, more) = try fixture.booth(["safe-here", "need-doctor"], serial: 2)
    let path = try fixture.save(second, takes: more, name: "second.zip")
    let plan = try fixture.plan(path)
    #expect(plan.speaker?.voice == "f1" && !plan.isNewSpeaker)
    #expect(plan.takes.placed.map(\.prompt?.id) == ["need-doctor"])
    #expect(plan.takes.open.first?.doubts.first?.contains("--replace") == true)
    try fixture.take(path, replaces: true)
    let workspace = try fixture.place.workspace()
    #expect(workspace.tree.takes.map(\.voice) == ["f1", "f1"] && workspace.speakers.all.count == 1)
    #expect(try Files.list("\(fixture.place.project)/takes/ro/f1") == ["03-safe-here.1.flac"])
    let third = try fixture.booth(serial: 1)
    let stale = try fixture.save(third.content, takes: third.takes, name: "stale.zip")
    #expect(fixture.refusal(stale).contains("is older than the file"))
  }

  @Test("two people who answer one page get two voices, and nobody gets another's pseudonym")
  func two() throws {
    let fixture = try ReturnFixture()
    let (first, takes) = try fixture.booth()
    try fixture.take(try fixture.save(first, takes: takes))
    let other = try SecretKey.generate()
    let (second, more) = try fixture.booth(name: "Mara", serial: 3, key: other)
    let plan = try fixture.take(try fixture.save(second, takes: more, key: other, name: "second.zip"))
    #expect(plan.speaker?.voice == "f2" && plan.isNewSpeaker)
    let third = try SecretKey.generate()
    let (same, rest) = try fixture.booth(name: "iris", serial: 4, key: third)
    let path = try fixture.save(same, takes: rest, key: third, name: "third.zip")
    #expect(fixture.refusal(path).contains("has a speaker of this name"))
    #expect(fixture.refusal(path, voice: "f1").contains("is the voice of 'Iris'"))
  }

  @Test("a known speaker without a key is asked for, and recordings go to her voice if the trainer says so")
  func known() throws {
    let fixture = try ReturnFixture(
      speakers: """
        speakers:
          - {pseudonym: "Iris", language: "ro", voice: f7, consent: 2026-01-01, licence: "all", contact: "a@b.org"}

        """)
    let (content, takes) = try fixture.booth()
    let path = try fixture.save(content, takes: takes)
    #expect(fixture.refusal(path).contains("add --voice f7"))
    let plan = try fixture.take(path, voice: "f7")
    #expect(plan.speaker?.voice == "f7" && !plan.isNewSpeaker && plan.entersKey)
    #expect(Files.exists("\(fixture.place.project)/recordings/ro/f7/03-safe-here.flac"))
    // From now on she is known by the browser, and can withdraw by the code.
    let speakers = try fixture.place.workspace().speakers
    #expect(speakers.all.map(\.key) == [fixture.key.publicKey.base64] && speakers.all[0].consent == "2026-01-01")
    #expect(speakers.pseudonym(ofWithdrawalCode: "4Q7YK-M2RT9-0XWVB-3HJNE") == "Iris")
    let (second, more) = try fixture.booth(["need-doctor"], serial: 2)
    let later = try fixture.take(try fixture.save(second, takes: more, name: "second.zip"))
    #expect(later.speaker?.voice == "f7" && !later.entersKey)
  }

  @Test("the plan has what the check finds in a recording")
  func findings() throws {
    let fixture = try ReturnFixture()
    let (content, takes) = try fixture.booth()
    let plan = try fixture.plan(try fixture.save(content, takes: takes))
    let row = try #require(plan.takes.rows.first)
    let there = "\(fixture.place.project)/recordings/ro/f1"
    try Files.makeDirectory(there)
    try Files.create("\(there)/03-safe-here.flac", with: try #require(takes["takes/safe-here.flac"]))
    let workspace = try fixture.place.workspace()
    let checked = KitBuild(workspace).check().findings.filter { $0.prompt == "safe-here" }
    #expect(row.findings.allSatisfy { found in checked.contains { $0.message == found.message } }, "\(row.findings)")
  }

  @Test("a speaker who withdrew is refused, by the key")
  func withdrawn() throws {
    let fixture = try ReturnFixture()
    let (first, takes) = try fixture.booth()
    try fixture.take(try fixture.save(first, takes: takes))
    let tags = try fixture.place.workspace().catalogue.languages.map(\.tag)
    try Speakers.withdraw("Iris", on: "2026-04-25", in: "\(fixture.place.project)/speakers.yaml", tags: tags)
    let (second, more) = try fixture.booth(serial: 2)
    #expect(fixture.refusal(try fixture.save(second, takes: more)).contains("withdrew the consent on 2026-04-25"))
  }

  @Test("a recording of a changed wording is kept in takes, and not used")
  func changed() throws {
    let fixture = try ReturnFixture()
    let (content, takes) = try fixture.booth()
    let path = try fixture.save(content, takes: takes)
    let project = fixture.place.project
    try Files.makeDirectory("\(project)/Languages")
    try Files.create(
      "\(project)/Languages/ro.yaml",
      with: Array(
        """
        tag: "ro"
        drafted: person
        wordings:
          safe-here:
            text: "Aici nu vi se întâmplă nimic."
            back: "Nothing happens to you here."

        """.utf8))
    let plan = try fixture.take(path)
    #expect(plan.takes.placed.map(\.isAside) == [true])
    #expect(try Files.read("\(project)/takes/ro/f1/03-safe-here.1.flac") == takes["takes/safe-here.flac"])
    #expect(try fixture.place.workspace().tree.takes.isEmpty)
    #expect(try fixture.plan(path).isEmpty)
  }

  @Test("a review becomes signed approvals, which are claims until somebody vouches for the key")
  func approves() throws {
    let fixture = try ReturnFixture()
    let path = try fixture.save(try fixture.review())
    let plan = try fixture.take(path)
    #expect(plan.trust == .new && plan.approvals.count == 1)
    let hash = try fixture.wording("safe-here")
    func standing() throws -> Standing {
      try fixture.place.workspace().approvals.standing(of: hash, kind: .wording, language: "ro", prompt: "safe-here")
    }
    #expect(try standing().people == 1 && (try standing()).proved == 0)
    let ledger = try PostLedger.read("\(fixture.place.project)/\(PostLedger.name)")
    #expect(ledger.reviewers.map(\.key) == [fixture.key.publicKey])
    try Files.makeDirectory("\(fixture.place.project)/reviewers")
    try fixture.key.publicKey.write(to: "\(fixture.place.project)/reviewers/\(fixture.key.publicKey.id).pub")
    #expect(try standing().proved == 1)
    #expect(try fixture.plan(path).imported != nil)
    let later = try fixture.save(try fixture.review(["safe-here", "need-doctor"], serial: 2), name: "later.zip")
    let next = try fixture.take(later)
    #expect(next.trust == .vouched && next.approvals.map(\.prompt) == ["need-doctor"])
    #expect(try fixture.place.workspace().approvals.entries.count == 2)
  }

  @Test("a no revokes the reviewer's earlier yes, and its reason is a note")
  func returned() throws {
    let fixture = try ReturnFixture()
    try fixture.take(try fixture.save(try fixture.review()))
    var content = try fixture.review(serial: 2)
    let hash = try fixture.wording("safe-here")
    content["answers"] = [
      [
        "item": "safe-here", "wording": hash, "kind": "wording", "hash": hash, "verdict": "returned",
        "date": "2026-04-22",
        "back": "You are caught.", "note": "it threatens",
      ]
    ]
    let plan = try fixture.take(try fixture.save(content, name: "second.zip"))
    #expect(plan.approvals.map(\.revokes) == [true])
    let workspace = try fixture.place.workspace()
    #expect(workspace.approvals.status(of: hash, kind: .wording, language: "ro", prompt: "safe-here") == .draft)
    let open = workspace.notes.open(
      hash, kind: .wording, language: "ro", prompt: "safe-here", approvals: workspace.approvals)
    #expect(open.map(\.note) == ["it threatens"])
  }

  @Test("nobody approves the own voice, known by the key of the browser")
  func ownVoice() throws {
    let fixture = try ReturnFixture()
    let (content, takes) = try fixture.booth()
    try fixture.take(try fixture.save(content, takes: takes))
    let (wording, hash) = (try fixture.wording("safe-here"), Digest.sha256(takes["takes/safe-here.flac"] ?? []))
    var review = try fixture.review(name: "Somebody else")
    let approval = try Approval(
      hash: hash, kind: .recording, language: "ro", prompt: "safe-here", name: "Somebody else", role: .listener,
      date: "2026-04-21"
    ).signed(by: fixture.key)
    review["answers"] = [
      [
        "item": "safe-here", "wording": wording, "kind": "recording", "hash": hash, "verdict": "accepted",
        "date": "2026-04-21", "signature": approval.signature ?? "",
      ]
    ]
    let plan = try fixture.plan(try fixture.save(review, name: "own.zip"))
    #expect(plan.approvals.isEmpty && plan.remarks.first?.contains("nobody approves the own voice") == true)
  }

  @Test("one key signs for one person")
  func oneName() throws {
    let fixture = try ReturnFixture()
    try fixture.take(try fixture.save(try fixture.review()))
    let path = try fixture.save(try fixture.review(name: "Ana P.", serial: 2), name: "other.zip")
    #expect(fixture.refusal(path).contains("has signed as 'Sok D.' before"))
  }

  @Test("a file of another project's page is refused")
  func foreign() throws {
    let fixture = try ReturnFixture()
    var content = try fixture.review()
    content["page"] = String(repeating: "d", count: 32)
    #expect(fixture.refusal(try fixture.save(content)).contains("a page that this project did not make"))
    content["page"] = ReturnFixture.booth
    #expect(fixture.refusal(try fixture.save(content)).contains("a page that this project did not make"))
  }

  @Test("an altered take, content, key or signature is refused")
  func altered() throws {
    let fixture = try ReturnFixture()
    let (content, takes) = try fixture.booth()
    var other = takes
    other["takes/safe-here.flac"] = try fixture.flac(77).bytes
    #expect(fixture.refusal(try fixture.save(content, takes: other)).contains("was changed after the page saved it"))
    var third = content
    third["serial"] = 9
    let stranger = try SecretKey.generate()
    #expect(fixture.refusal(try fixture.save(third, takes: takes, key: stranger)).contains("made with the key"))
    var review = try fixture.review()
    var answers = try #require(review["answers"] as? [[String: Any]])
    answers[0]["date"] = "2026-04-23"
    review["answers"] = answers
    #expect(fixture.refusal(try fixture.save(review)).contains("is not signed as it says"))
    #expect(try Files.list(fixture.place.project).contains("returns") == false)
  }

  @Test("a file with too many, strange or missing entries is refused")
  func entries() throws {
    let fixture = try ReturnFixture()
    let (content, takes) = try fixture.booth()
    var more = takes
    more["takes/extra.flac"] = [1, 2, 3]
    #expect(
      fixture.refusal(try fixture.save(content, takes: more)).contains("a file that no page saves: takes/extra.flac"))
    #expect(fixture.refusal(try fixture.save(content)).contains("has no takes/safe-here.flac"))
    for index in 0..<1000 { more["takes/\(index)"] = [] }
    #expect(fixture.refusal(try fixture.save(content, takes: more)).contains("no page saves more than 1000"))
  }

  private static let broken: [(key: String, value: String)] = [
    ("name", "\"\""), ("name", "\"Iris\\nx\""), ("name", "\"I\\u202Eris\""), ("serial", "0"), ("serial", "\"2\""),
    ("language", "\"../x\""), ("page", "\"b\""), ("kind", "\"other\""), ("format", "\"firstword-return/2\""),
    ("consent", "null"), ("takes", "[{\"item\":\"a\"}]"),
  ]

  @Test("content that no page writes is refused with its place", arguments: 0..<11)
  func content(_ index: Int) throws {
    let fixture = try ReturnFixture()
    var content = try fixture.booth([]).content
    let (key, value) = Self.broken[index]
    content[key] = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
    let refusal = fixture.refusal(try fixture.save(content))
    #expect(refusal.contains("return.json: \(key)"), "\(refusal)")
  }

  @Test("what was imported in part before a crash is completed by importing the file again")
  func completes() throws {
    let fixture = try ReturnFixture()
    let (content, takes) = try fixture.booth(["safe-here", "need-doctor"])
    let path = try fixture.save(content, takes: takes)
    #expect(throws: CancellationError.self) {
      let (file, source) = (try PostReturn(path), try Source(path))
      let workspace = try fixture.place.workspace()
      let plan = try ReturnPlanner(
        workspace, post: try PostLedger.read("\(fixture.place.project)/post.jsonl"), imports: ImportLedger()
      ).plan(file, source)
      _ = try ReturnTransaction(fixture.place.project).carryOut(
        plan, file, source, tags: workspace.catalogue.languages.map(\.tag)
      ) { done in if done == 1 { throw CancellationError() } }
    }
    let plan = try fixture.take(path)
    #expect(!plan.isNewSpeaker && plan.takes.placed.count == 2)
    #expect(try fixture.place.workspace().tree.takes.count == 2)
  }
}
