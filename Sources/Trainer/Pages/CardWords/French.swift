extension CardWords {
  static let french = CardWords(
    draft: "BROUILLON (DRAFT) : personne n'a approuvé ces textes. Pour essais et formation uniquement.",
    unreviewed: "Les mots de cette carte, hors messages, ont été rédigés par une machine ; personne ne les a relus.",
    responder: "Carte de l'intervenant", listener: "Carte à montrer du doigt", poster: "Langues et signes",
    sheet: "Messages à lire",
    pointing:
      "Laissez la personne montrer sa langue du doigt. Le numéro est celui de la langue : * puis ses deux chiffres.",
    reading:
      "Pour les personnes qui entendent mal. Montrez un message à la fois, et attendez. Tout le monde ne sait pas lire.",
    contacts: "Appeler", buttons: "Boutons", answers: "Les réponses sont des signes", languages: "Langues",
    messages: "Messages", does: "À faire", doesNot: "À ne pas faire",
    held: "appui long", digits: "deux chiffres : un message par son numéro",
    star: "puis deux chiffres : une langue par son numéro", without: "sans",
    jurisdiction: "Dépend du pays : seulement si c'est vrai là où vous êtes.",
    todo: [
      "Occupez-vous d'abord de ce qui ne peut attendre : blessures, danger, enfants.",
      "Allez dans un lieu calme, loin de tous ceux qui accompagnent la personne.",
      "Appelez l'interprète maintenant. Les messages ne font que combler l'attente.",
      "Trouvez d'abord la langue : laissez-la dire son nom, ou laissez la personne la montrer.",
      "Faites vous-même chaque signe pendant que son message passe.",
      "Passez un message. Puis attendez et observez.",
      "Appuyez sur arrêt dès que les deux mains ouvertes se tendent, ou si quelque chose ne va pas.",
      "Notez ce qui a été passé et répondu, et remettez-le à l'interprète.",
    ],
    notToDo: [
      "Ne demandez pas ce qui s'est passé. Cela viendra plus tard, avec un interprète.",
      "Ne promettez rien que vous ne puissiez tenir : papiers, absence de sanction, heure.",
      "Ne prenez pas un hochement de tête ou un sourire pour un oui.",
      "Ne laissez pas un accompagnateur, un enfant ou un passant interpréter.",
      "Ne passez rien que pourrait entendre quelqu'un dont la personne a peut-être peur.",
      "Ne demandez pas pourquoi quelqu'un ne veut pas répondre.",
      "Ne touchez pas la personne et ne lui barrez pas le chemin de la porte.",
      "Ne notez pas de noms, n'enregistrez pas de voix, ne prenez pas de photos.",
    ],
    gestures: [
      .yes: Answer("Oui", "une main levée"), .no: Answer("Non", "les deux mains baissées"),
      .notUnderstood: Answer("Je ne comprends pas", "les mains sur les oreilles"),
      .preferNot: Answer("Je ne veux pas répondre", "les bras croisés sur la poitrine"),
      .stop: Answer("Stop", "les mains ouvertes tendues"),
    ],
    kinds: [
      .interpreter: "Interprète", .hotline: "Ligne d'écoute", .medical: "Aide médicale", .police: "Police",
      .shelter: "Hébergement", .child: "Enfants et jeunes", .legal: "Conseil juridique", .other: "Autres",
    ],
    modules: [
      "language": "Langue", "answering": "Comment répondre", "opening": "Début", "needs": "Besoins",
      "safety": "Sécurité", "preference": "Souhaits", "child": "Pour les enfants", "information": "Information",
      "understanding": "Compréhension", "closing": "Fin",
    ],
    controls: [
      "stop": "Arrêt", "repeat": "Répéter", "next-language": "Langue suivante",
      "previous-language": "Langue précédente", "louder": "Plus fort", "quieter": "Moins fort",
      "quiet": "Mode discret, oui ou non", "answer-yes": "Réponse : oui", "answer-no": "Réponse : non",
      "answer-unclear": "Réponse : pas compris", "answer-declined": "Réponse : ne veut pas répondre",
      "answer-stop": "Réponse : stop",
      "finder": "Recherche de langue : chaque langue dit son nom", "next": "Suivant", "previous": "Retour",
      "children": "Messages pour enfants, ou pour adultes", "voice": "Autre voix", "status": "État de l'appareil",
    ],
    sequences: ["first-contact": "Premier contact", "first-contact-child": "Premier contact avec un enfant"],
    order: "dans cet ordre")
}
