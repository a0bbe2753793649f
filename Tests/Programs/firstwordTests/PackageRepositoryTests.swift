import Foundation
import Posix
import TestSupport
import Testing

/// Tries Hardware/repository with small packages, a key of its own, and apt in a directory of its own.
@Suite(
  "The repository of packages",
  .enabled(
    if: ["apt-get", "dpkg-scanpackages", "gpg", "gpg-agent"].allSatisfy(Program.isInstalled),
    "apt, dpkg-dev or gpg is not installed: Hardware/setup suite"))
struct PackageRepositoryTests {
  private let place: Workplace
  /// The directory of everything, and the repository in it.
  private var top: String { "\(place.directory)" }
  private var web: String { top + "/web" }

  init() throws {
    place = try Workplace()
    for name in ["gpg", "packages"] { try Files.makeDirectory("\(top)/\(name)") }
    try shell(
      "chmod 700 gpg && gpg --batch --quiet --passphrase '' --quick-generate-key a@example.org ed25519 sign never")
    for directory in ["etc/apt/sources.list.d", "etc/apt/trusted.gpg.d", "var/lib/dpkg"] {
      try shell("mkdir -p apt/\(directory)")
    }
    try shell("mkdir -p apt/var/lib/apt/lists/partial apt/var/cache/apt/archives/partial && : >apt/var/lib/dpkg/status")
  }

  /// Runs a command in the directory; it must succeed.
  @discardableResult private func shell(_ command: String) throws -> String {
    let (output, code) = try attempt(command)
    #expect(code == 0, "\(command): \(output)")
    return output
  }

  private func attempt(_ command: String) throws -> (output: String, code: Int) {
    let home = ["-C", top, "GNUPGHOME=\(top)/gpg", "LC_ALL=C.UTF-8", "bash", "-c", command]
    let outcome = try ChildProcess.run("env", home, seconds: 120)
    return (outcome.output, outcome.code)
  }

  /// Makes a package, in packages/VERSION.
  private func pack(_ version: String, content: String = "words") throws {
    let control =
      "Package: words\\nVersion: \(version)\\nArchitecture: all\\nMaintainer: A <a@example.org>\\nDescription: a\\n"
    try shell(
      "mkdir -p tree/DEBIAN tree/usr/share/words packages/\(version) && printf '\(control)' >tree/DEBIAN/control && "
        + "echo '\(content)' >tree/usr/share/words/text && dpkg-deb --root-owner-group -b tree packages/\(version)")
  }

  /// Runs Hardware/repository.
  private func add(_ words: String) throws -> (output: String, code: Int) {
    try attempt("\(SourceTree.path)/Hardware/repository --key a@example.org --url file:\(web) -o web \(words)")
  }

  /// Reads the repository anew as a user with its .sources file does, and fetches the package.
  private func fetch() throws -> (output: String, code: Int) {
    let apt =
      "apt-get -o Dir=\(top)/apt -o Dir::State::status=\(top)/apt/var/lib/dpkg/status -o APT::Sandbox::User=root "
      + "-o Debug::NoLocking=1 -o APT::Update::Error-Mode=any -o Acquire::Languages=none -q"
    return try attempt(
      "cp web/firstword-bookworm.sources apt/etc/apt/sources.list.d/ && rm -rf apt/var/lib/apt/lists/*_* "
        + "apt/var/cache/apt/archives/*.deb && \(apt) update && \(apt) install -y --download-only words")
  }

  private func end() throws { try shell("gpgconf --kill all") }

  @Test("apt takes the newest package of its release, and nothing that the key did not sign")
  func signed() throws {
    for version in ["1.0~deb12u1", "1.1~deb12u1", "2.0~deb13u1"] { try pack(version) }
    let added = try add("packages/*")
    #expect(added.code == 0, "\(added.output)")
    let fetched = try fetch()
    #expect(fetched.code == 0 && fetched.output.contains("1.1~deb12u1"), "\(fetched.output)")
    try shell("cp -a web clean")
    for (change, reason) in [
      ("find web/dists -path '*/main/*' -type f -exec sh -c 'echo >>$0' {} ';'", "Hash Sum mismatch|unexpected size"),
      ("for one in web/pool/*/*.deb; do echo >>$one; done", "Hash Sum mismatch|unexpected size"),
      ("sed -i 's/^Label: .*/Label: another/' web/dists/bookworm/InRelease", "invalid|BADSIG|not signed|Bad"),
      ("rm web/dists/bookworm/InRelease web/dists/bookworm/Release.gpg", "is not signed"),
    ] {
      try shell(change)
      let refused = try fetch()
      #expect(
        refused.code != 0 && refused.output.range(of: reason, options: .regularExpression) != nil,
        "\(change): \(refused.output)")
      try shell("rm -rf web && cp -a clean web")
    }
    try end()
  }

  @Test("an update sees one state or the next, also where only the signed list is that of before")
  func mirror() throws {
    try pack("1.0~deb12u1")
    #expect(try add("packages/*").code == 0)
    try shell("cp -a web/dists/bookworm/InRelease before")
    try pack("1.1~deb12u1")
    #expect(try add("packages/1.1*").code == 0)
    #expect(try fetch().output.contains("1.1~deb12u1"))
    // A web server gives apt the lists by their hash; of a directory, apt 3 prefers the plain list that lies beside them.
    try shell("cp before web/dists/bookworm/InRelease && find web/dists -name Packages -type f -exec rm {} +")
    let fetched = try fetch()
    #expect(fetched.code == 0 && fetched.output.contains("1.0~deb12u1"), "\(fetched.output)")
    // What was withdrawn is no longer listed.
    try shell("rm web/pool/bookworm/words_1.1*")
    #expect(try add("").code == 0)
    #expect(try fetch().output.contains("1.0~deb12u1"))
    try end()
  }

  @Test("other bytes under a published version, another release and an unknown key are refused, and nothing changes")
  func refused() throws {
    try pack("1.0~deb12u1")
    #expect(try add("packages/*").code == 0)
    let before = try shell("find web -type f -exec sha256sum {} + | sort")
    try pack("1.0~deb12u1", content: "other words")
    try pack("1.0")
    for (words, reason) in [
      ("packages/1.0~deb12u1", "has other bytes under this version"), ("packages/1.0", "does not end in ~deb12uN"),
      ("packages/nothing.deb", "nothing.deb"), ("--key b@example.org", "gpg has no key b@example.org"),
    ] {
      let outcome = try add(words)
      #expect(outcome.code == 1 && outcome.output.contains(reason), "\(words): \(outcome.output)")
    }
    let wrong = try add("--nothing")
    #expect(wrong.code == 64 && wrong.output.contains("usage error"), "\(wrong.output)")
    #expect(try shell("find web -type f -exec sha256sum {} + | sort") == before)
    try end()
  }
}
