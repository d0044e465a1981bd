# SPDX-License-Identifier: GPL-2.0-or-later
# Writes rotterdam.csv and the summary tables from data(BrCa) of the R package
# Epi (Debian r-cran-epi) and, for one column, survival::rotterdam.
# Usage: Rscript extract.R [output_folder]     (default: current folder)
suppressMessages({library(Epi); library(survival)})
arg <- commandArgs(trailingOnly = TRUE)
out <- if (length(arg)) arg[1] else "."
data(BrCa)
data(cancer, package = "survival")               # loads 'rotterdam'
b <- BrCa[order(BrCa$pid), ]
r <- rotterdam[match(b$pid, rotterdam$pid), ]
# The two packages hold the same cohort; stop if they disagree.
stopifnot(nrow(b) == 2982, !anyDuplicated(b$pid),
          all(b$age == r$age), all(b$year == r$year), all(b$nodes == r$nodes),
          all(b$er == r$er), all(b$pr == r$pgr),
          all((b$hormon == "yes") == (r$hormon == 1)),
          all((b$chemo == "yes") == (r$chemo == 1)),
          all((b$xst == "Dead") == (r$death == 1)),
          all((!is.na(b$tor) | !is.na(b$tom)) == (r$recur == 1)),
          max(abs(b$tox - r$dtime / 365.25)) < 0.003)
k    <- as.integer(b$size)                        # 1, 2, 3
cls  <- c("le20", "20to50", "gt50")[k]
lo   <- c(0, 20, 50)[k]
up   <- c(20, 50, NA)[k]
met  <- as.integer(!is.na(b$tom))
loc  <- as.integer(!is.na(b$tor))
dead <- as.integer(b$xst == "Dead")
f <- function(x) ifelse(is.na(x), NA, sprintf("%.6f", x))
d <- data.frame(
  patient_id = b$pid,
  age_years = b$age,
  diagnosis_year = b$year,
  menopausal = as.character(b$meno),
  size_class = cls,
  size_lower_mm = lo,
  size_upper_mm = up,
  positive_nodes = b$nodes,
  er_level = b$er,
  pr_level = b$pr,
  grade = as.integer(as.character(b$grade)),
  hormonal_therapy = as.integer(b$hormon == "yes"),
  chemotherapy = as.integer(b$chemo == "yes"),
  relapse_event = loc,
  relapse_years = f(b$tor),
  distant_metastasis_event = met,
  distant_metastasis_years = f(ifelse(met == 1, b$tom, b$tox)),
  death_event = dead,
  follow_up_years = f(b$tox),
  relapse_check_years = f(ifelse(r$recur == 0, r$rtime / 365.25, NA)))
write.csv(d, file.path(out, "rotterdam.csv"), row.names = FALSE, quote = FALSE, na = "")

# ---- summaries -------------------------------------------------------------
b$met <- met; b$dead <- dead
b$tm  <- ifelse(met == 1, b$tom, b$tox)
b$cls <- factor(cls, levels = c("le20", "20to50", "gt50"))
lab <- c(levels(b$cls), "all")
pick <- function(s) if (s == "all") rep(TRUE, nrow(b)) else b$cls == s
S <- do.call(rbind, lapply(lab, function(s) {
  x <- b[pick(s), ]; m <- x[x$met == 1, ]
  km <- survfit(Surv(tox - tom, dead) ~ 1, data = m)
  q <- summary(km)$table
  data.frame(size_class = s, n_patients = nrow(x), n_distant_metastases = nrow(m),
    n_deaths = sum(x$dead), n_deaths_with_metastasis = sum(m$dead),
    median_time_to_metastasis_months = 12 * median(m$tom),
    q25_time_to_metastasis_months = 12 * quantile(m$tom, .25, names = FALSE),
    q75_time_to_metastasis_months = 12 * quantile(m$tom, .75, names = FALSE),
    km_median_metastasis_to_death_months = 12 * q["median"],
    km_median_lower95_months = 12 * q["0.95LCL"],
    km_median_upper95_months = 12 * q["0.95UCL"])
}))
num <- sapply(S, is.numeric)
S[num] <- lapply(S[num], function(z) if (all(z == round(z))) z else round(z, 2))
write.csv(S, file.path(out, "summary_by_size.csv"), row.names = FALSE, quote = FALSE)

K <- do.call(rbind, lapply(lab, function(s) {
  x <- b[pick(s), ]
  km <- summary(survfit(Surv(tm, met) ~ 1, data = x), times = c(5, 10, 15))
  # competing risks: metastasis (1), death without metastasis (2)
  st <- factor(ifelse(x$met == 1, 1, ifelse(x$dead == 1, 2, 0)), 0:2, c("cens", "met", "death"))
  aj <- summary(survfit(Surv(tm, st) ~ 1, data = x), times = c(5, 10, 15))
  data.frame(size_class = s, time_years = km$time, n_at_risk = km$n.risk,
    km_metastasis_probability = round(1 - km$surv, 4),
    km_lower95 = round(1 - km$upper, 4), km_upper95 = round(1 - km$lower, 4),
    cumulative_incidence_death_competing = round(aj$pstate[, which(aj$states == "met")], 4))
}))
write.csv(K, file.path(out, "metastasis_probability_by_size.csv"), row.names = FALSE, quote = FALSE)

u <- b$nodes == 0 & b$hormon == "no" & b$chemo == "no"
cat("node-negative, no systemic therapy:", sum(u), "\n"); print(table(b$cls[u], b$met[u]))
cat("local relapse recorded:", sum(loc), " of which followed by metastasis:", sum(loc & met), "\n")
cat("metastasis and exit on the same day:", sum(met == 1 & b$tom == b$tox), "\n")
cat("relapse check ended before death:", sum(r$recur == 0 & r$rtime < r$dtime), "\n")
cat("deaths without recorded metastasis:", sum(dead & !met), "\n")
rk <- survfit(Surv(tox, 1 - dead) ~ 1, data = b)
cat("median follow-up (reverse Kaplan-Meier), years:", summary(rk)$table["median"], "\n")
print(S); print(K)
