/// Codes that are words too, in languages that people name files in.
enum CodeLikeWords {
  static let english: Set<String> = [
    "als", "am", "ben", "bin", "fa", "fas", "ha", "hi", "id", "in", "lit", "lo", "may", "me", "my", "no", "or", "pa",
    "per", "rum", "so", "spa", "te", "ti", "yo",
  ]
  static let others: Set<String> = [
    "ar", "che", "chi", "de", "en", "es", "ger", "hin", "hun", "ind", "mol", "ms", "ne", "nep", "pes", "pol", "por",
    "pt", "ron", "rus", "som", "th", "tha", "vi",
  ]
}
