"""The fields that a column of a file can be matched with: where the value goes, its name for people, how it is read."""

from collections.abc import Mapping
from dataclasses import dataclass

from issuer.register.importers import values
from issuer.register.importers.values import Parser
from issuer.register.record import Kind
from schemas.dictionary import Dictionary
from tegata.errors import Text


@dataclass(frozen=True, slots=True)
class Field:
    """One fact's field. `aliases` are names that columns have for it; a sensitive value is never shown in a report."""

    kind: Kind
    name: str
    label: Text
    parse: Parser
    aliases: tuple[str, ...] = ()
    is_sensitive: bool = False

    @property
    def path(self) -> str:
        """The name by which a mapping calls it: `learner.birthdate`."""
        return f"{self.kind}.{self.name}"


#: Two columns' worth of a name in one, split at its space.
FULL_NAME, FULL_NAME_KANA = "learner.full_name", "learner.full_name_kana"

_SEX = {
    "male": "male",
    "female": "female",
    "other": "other",
    "unspecified": "unspecified",
    "男": "male",
    "女": "female",
}
_COURSE_MODE = {
    "全日制": "full_time", "全日制の課程": "full_time", "full_time": "full_time",
    "定時制": "part_time", "定時制の課程": "part_time", "part_time": "part_time",
    "通信制": "correspondence", "通信制の課程": "correspondence", "correspondence": "correspondence",
}  # fmt: skip
_STATUS = {
    "在学": "enrolled", "休学": "leave_of_absence", "留学": "study_abroad", "卒業": "graduated", "退学": "withdrawn",
    "転学": "transferred", "除籍": "dismissed",
}  # fmt: skip
_ADMISSION = {"入学": "admission", "転入学": "transfer", "編入学": "advanced_entry", "再入学": "readmission"}
_DECISION = {
    "卒業認定": "graduation", "保留": "withheld", "退学": "withdrawal", "卒業見込": "expected", "修了認定": "completion",
}  # fmt: skip
_RESULT = {"修得": "earned", "未修得": "not_earned", "認定": "recognised", "留学": "study_abroad"}
_FLAG = {"true": True, "false": False, "1": True, "0": False}
_MEMBER = {"加入": True, "未加入": False, "true": True, "false": False}
_ACHIEVEMENT = {
    word: value["code"]
    for value in Dictionary().codes["achievement-kind"]["values"]
    for word in (value["label"]["ja"].casefold(), value["code"])
}
_VIEWPOINT = {"a": "A", "b": "B", "c": "C"}

FIELDS: tuple[Field, ...] = (
    Field("learner", "source_id", Text("識別子", "Identifier"), values.identifier, ("usersourcedid", "sourcedid")),
    Field("learner", "student_number", Text("学籍番号", "Student number"), values.code, ("studentnumber", "学生番号", "生徒番号")),
    Field("learner", "full_name", Text("氏名", "Name"), values.name, ("name", "生徒氏名", "学生氏名")),
    Field("learner", "family_name", Text("氏", "Family name"), values.name, ("familyname", "姓", "名字")),
    Field("learner", "given_name", Text("名", "Given name"), values.name, ("givenname", "名前")),
    Field("learner", "middle_name", Text("ミドルネーム", "Middle name"), values.name, ("middlename",)),
    Field("learner", "full_name_kana", Text("氏名（カナ）", "Name (katakana)"), values.kana, ("フリガナ", "ふりがな", "氏名カナ", "氏名かな", "カナ氏名")),
    Field("learner", "family_name_kana", Text("氏（カナ）", "Family name (katakana)"), values.kana, ("familynamekana", "姓カナ", "氏カナ", "セイ")),
    Field("learner", "given_name_kana", Text("名（カナ）", "Given name (katakana)"), values.kana, ("givennamekana", "名カナ", "メイ")),
    Field("learner", "middle_name_kana", Text("ミドルネーム（カナ）", "Middle name (katakana)"), values.kana),
    Field("learner", "family_name_latin", Text("氏（ローマ字）", "Family name (Latin letters)"), values.latin, ("romajifamilyname", "姓ローマ字", "氏ローマ字")),
    Field("learner", "given_name_latin", Text("名（ローマ字）", "Given name (Latin letters)"), values.latin, ("romajigivenname", "名ローマ字")),
    Field("learner", "middle_name_latin", Text("ミドルネーム（ローマ字）", "Middle name (Latin letters)"), values.latin, ("romajimiddlename",)),
    Field("learner", "preferred_family_name", Text("通称の氏", "Family name in daily use"), values.name, ("preferredfamilyname",)),
    Field("learner", "preferred_given_name", Text("通称の名", "Given name in daily use"), values.name, ("preferredgivenname",)),
    Field("learner", "preferred_middle_name", Text("通称のミドルネーム", "Middle name in daily use"), values.name, ("preferredmiddlename",)),
    Field("learner", "birthdate", Text("生年月日", "Date of birth"), values.day, ("birthdate", "dateofbirth", "誕生日")),
    Field("learner", "sex", Text("性別", "Sex"), values.choice(_SEX), ("sex",), is_sensitive=True),
    Field("learner", "email", Text("メールアドレス", "E-mail"), values.email, ("email", "mail", "メール")),
    Field("learner", "enabled", Text("利用中", "Active"), values.choice(_FLAG), ("enableduser",)),
    Field("enrolment", "admission_date", Text("入学年月日", "Date of admission"), values.day, ("admissiondate", "入学日")),
    Field("enrolment", "admission_kind", Text("入学の種類", "Kind of admission"), values.choice(_ADMISSION), ("admissionkind", "入学区分")),
    Field("enrolment", "course_mode", Text("課程", "Mode of study"), values.choice(_COURSE_MODE), ("course_mode",)),
    Field("enrolment", "faculty", Text("学部・研究科", "Faculty or graduate school"), values.plain, ("faculty", "学部", "研究科")),
    Field("enrolment", "faculty_en", Text("学部・研究科（英語）", "Faculty or graduate school (English)"), values.english, ("facultyen", "学部英語", "学部英語名", "学部英文", "英文学部名", "研究科英語")),
    Field("enrolment", "department", Text("学科・専攻", "Department"), values.plain, ("department", "学科", "専攻")),
    Field("enrolment", "department_en", Text("学科・専攻（英語）", "Department (English)"), values.english, ("departmenten", "学科英語", "学科英語名", "学科英文", "英文学科名", "専攻英語")),
    Field("enrolment", "stream", Text("類型", "Stream"), values.plain, ("stream", "コース")),
    Field("enrolment", "leaving_date", Text("離籍年月日", "Date of leaving"), values.day, ("leavingdate", "離籍日")),
    Field("enrolment", "status", Text("在籍状況", "Enrolment status"), values.choice(_STATUS), ("状態",)),
    Field("placement", "school_year", Text("年度", "School year"), values.school_year, ("schoolyear",)),
    Field("placement", "grade", Text("学年", "Year of study"), values.grade, ("grade", "grades")),
    Field("placement", "home_class", Text("組", "Class"), values.class_name, ("homeclass", "クラス", "学級")),
    Field("placement", "attendance_number", Text("出席番号", "Number in class"), values.whole(0, 999), ("shussekino", "番号")),
    Field("result", "school_year", Text("成績の年度", "School year of the result"), values.school_year),
    Field("result", "grade", Text("成績の学年", "Year of study of the result"), values.grade),
    Field("result", "term", Text("学期", "Term"), values.plain),
    Field("result", "school_code", Text("履修した学校", "School of the course"), values.school_code, ("schoolcode",)),
    Field("result", "subject_area", Text("教科", "Subject area"), values.plain, ("subjectarea",)),
    Field("result", "course", Text("科目", "Course"), values.plain, ("course",)),
    Field("result", "course_en", Text("科目（英語）", "Course (English)"), values.english, ("courseen", "英文科目名", "科目英語")),
    Field("result", "credits", Text("単位数", "Credits"), values.whole(0, 99), ("credits",)),
    Field("result", "credits_earned", Text("修得単位数", "Credits earned"), values.whole(0, 99), ("creditsearned",)),
    Field("result", "rating", Text("評定", "Rating"), values.rating, ("rating",)),
    Field("result", "viewpoint_knowledge", Text("知識・技能", "Knowledge and skills"), values.choice(_VIEWPOINT), ("viewpointknowledge",)),
    Field("result", "viewpoint_thinking", Text("思考・判断・表現", "Thinking, judgement, expression"), values.choice(_VIEWPOINT), ("viewpointthinking",)),
    Field("result", "viewpoint_attitude", Text("主体的に学習に取り組む態度", "Attitude to learning"), values.choice(_VIEWPOINT), ("viewpointattitude",)),
    Field("result", "result", Text("修得の状況", "Outcome"), values.choice(_RESULT), ("result",)),
    Field("attendance", "school_days", Text("授業日数", "School days"), values.whole(0, 366)),
    Field("attendance", "suspended_or_bereavement", Text("出席停止・忌引等の日数", "Days of suspension or bereavement"), values.whole(0, 366)),
    Field("attendance", "days_required", Text("出席しなければならない日数", "Days of required attendance"), values.whole(0, 366)),
    Field("attendance", "absent", Text("欠席日数", "Days absent"), values.whole(0, 366)),
    Field("attendance", "present", Text("出席日数", "Days present"), values.whole(0, 366)),
    Field("decision", "decision", Text("卒業の判定", "Decision on graduation"), values.choice(_DECISION), ("卒業判定", "卒業認定")),
    Field("decision", "decision_date", Text("判定年月日", "Date of the decision"), values.day, ("decisiondate", "判定日", "認定日")),
    Field("decision", "effective_date", Text("卒業年月日", "Date of graduation"), values.day, ("卒業日", "graduationdate")),
    Field("decision", "diploma_number", Text("卒業証書番号", "Diploma number"), values.code, ("diplomanumber", "証書番号")),
    Field("decision", "basis", Text("判定した会議", "Meeting that decided"), values.plain, ("会議",)),
    Field("decision", "programme", Text("修了した課程", "Programme completed"), values.plain),
    Field("decision", "programme_en", Text("修了した課程（英語）", "Programme completed (English)"), values.english),
    Field("decision", "degree", Text("学位", "Degree (Japanese)"), values.plain, ("学位名", "学位・称号", "学位の名称")),
    Field("decision", "degree_en", Text("学位（英語）", "Degree"), values.english, ("degreeen", "学位英語", "学位英語名", "学位英文", "英文学位名")),
    Field("commute", "reported_on", Text("通学区間の届出日", "Route reported on"), values.day, ("届出日",)),
    Field("commute", "section", Text("区間の順番", "Section of the route"), values.whole(1, 10), ("区間番号",)),
    Field("commute", "operator", Text("鉄道・バスの事業者", "Railway or bus operator"), values.plain, ("事業者", "鉄道会社")),
    Field("commute", "line", Text("路線", "Line"), values.plain, ("路線名",)),
    Field("commute", "from_station", Text("発駅", "From station"), values.plain, ("乗車駅",)),
    Field("commute", "to_station", Text("着駅", "To station"), values.plain, ("降車駅",)),
    Field("commute", "via", Text("経由", "By way of"), values.plain, ("経由駅",)),
    Field("commute", "distance_km", Text("距離（キロ）", "Distance in kilometres"), values.whole(1, 100), ("距離",)),
    Field("aid", "school_year", Text("災害共済の年度", "School year of the mutual aid"), values.school_year),
    Field("aid", "member", Text("災害共済への加入", "Member of the mutual aid"), values.choice(_MEMBER), ("災害共済", "災害共済給付制度への加入")),
    Field("aid", "cover_start", Text("補償の開始日", "Cover begins on"), values.day),
    Field("achievement", "achieved_on", Text("達成した日", "Achieved on"), values.day),
    Field("achievement", "name", Text("達成したこと", "Achievement"), values.plain, ("達成の名称",)),
    Field("achievement", "name_en", Text("達成したこと（英語）", "Achievement (English)"), values.english),
    Field("achievement", "kind", Text("達成の種類", "Kind of achievement"), values.choice(_ACHIEVEMENT)),
    Field("achievement", "description", Text("達成の内容", "What it is about"), values.passage),
    Field("achievement", "criteria", Text("認める基準", "Criteria"), values.passage),
    Field("achievement", "result", Text("達成の結果", "Result of the achievement"), values.plain),
)  # fmt: skip

BY_PATH: Mapping[str, Field] = {field.path: field for field in FIELDS}
