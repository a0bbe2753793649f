import ArgumentParser
import Diagnostics
import Kit
import Posix
import Project

struct Vouch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say that a key belongs to the reviewer who signed with it by post.",
    discussion: """
        firstword vouch --project shelter                    # lists the keys that signed reviews
        firstword vouch 7A1B2C3D4E5F6071 --project shelter

      A page of 'firstword post review' makes a key in the reviewer's browser, and shows its number. Let the reviewer \
      tell you that number by telephone, or face to face, and give the number that you heard. The public key is then \
      written to the project's directory \(Approvals.reviewers), and the reviewer's approvals are proved. Do this once \
      for each key.
      """)

  @Argument(help: ArgumentHelp("The number that the reviewer told you.", valueName: "KEY"))
  var number: String?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var project: ProjectOption

  private struct Row: Encodable {
    var key: String
    var name: String
    var firstSeen: String
    var vouched: Bool
  }

  func run() throws {
    try project.check()
    let ledger = try PostLedger.read(project.path(PostLedger.name))
    guard let number else { return try list(ledger) }
    guard let id = KeyID(typed: number) else {
      throw Failure.impossible("'\(number)' is no number of a key, which has 16 digits and letters from A to F")
    }
    let found = ledger.reviewers.filter { $0.key.id == id }
    guard let (key, first) = found.first else {
      throw Failure.impossible(
        """
        no review by the key \(id) was imported: import the reviewer's file first, and compare the number again; \
        'firstword vouch' lists the keys
        """)
    }
    // An id is short enough to be made on purpose.
    if found.count > 1 { throw Failure.impossible("two different keys have the number \(id): trust neither") }
    let lock = try lockProject(project.directory)
    defer { lock.end() }
    let (path, isKnown) = try ReviewerKeys.add(key, to: project.directory)
    if isKnown { return print("\(path)  is there already: the key belongs to \(first.name ?? "")") }
    if json {
      try printJSON(Row(key: "\(id)", name: first.name ?? "", firstSeen: first.date, vouched: true))
    } else {
      print("\(path)  the key belongs to \(first.name ?? ""): the approvals that it signed are proved")
    }
  }

  private func list(_ ledger: PostLedger) throws {
    let rows = ledger.reviewers.map { key, first in
      let path = project.path("\(Approvals.reviewers)/\(key.id).pub")
      return Row(
        key: "\(key.id)", name: first.name ?? "", firstSeen: first.date, vouched: (try? PublicKey(reading: path)) == key
      )
    }
    if json { return try printJSON(rows) }
    if rows.isEmpty { return print("no review came by post yet; 'firstword post review' writes a page for one") }
    var table = Table(["key", "name", "first seen", "vouched for"])
    for row in rows { table.add([row.key, row.name, row.firstSeen, row.vouched ? "yes" : ""]) }
    table.print()
  }
}
