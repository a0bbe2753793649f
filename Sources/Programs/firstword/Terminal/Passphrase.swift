import Kit

extension Terminal {
  /// Asks for a new passphrase until it is given twice alike. Warns of a weak one, which may be chosen all the same.
  ///
  /// - Parameter file: the key file that it encrypts.
  /// - Throws: when none is given.
  static func newPassphrase(for file: String) throws -> [UInt8] {
    while var first = passphrase("Passphrase for \(file): ") {
      let weakness = PassphraseWeakness.find(in: first)
      if let weakness {
        remark(
          "This passphrase is weak: it \(weakness). Anyone who copies \(file) can guess it; use four or more words."
        )
      }
      var again = passphrase(weakness == nil ? "Repeat it: " : "Repeat it, or press Enter to choose another: ")
      let (isSame, isGiven) = (again == first, again != nil)
      if isGiven { SecretText.wipe(&again!) }
      if isSame { return first }
      SecretText.wipe(&first)
      if weakness == nil || isGiven { remark("The two passphrases differ. Enter it again.") }
    }
    throw Failure.impossible("no passphrase given, and no key was created; enter one, or use --no-password")
  }

  /// Reads a secret key, and asks for its passphrase if it is encrypted. On a terminal a wrong passphrase is asked for
  /// again, three times in all.
  static func secretKey(_ path: String) throws -> SecretKey {
    var attempts = isInteractive ? 3 : 1
    while true {
      attempts -= 1
      do throws(KeyError) { return try SecretKey(reading: path) { passphrase("\($0)") } } catch {
        guard case .wrongPassphrase = error, attempts > 0 else { throw error }
        remark("\(error)")
      }
    }
  }
}
